"""The texts between the cells of a notebook."""

from keras_examples.core import Text

INTRODUCTION = Text("# {about}", "# {title}\n\n{about}")
INSTALL = Text(
    "## Setting up\n\nIn Colab, the first cell installs the package.",
    "## 准备\n\n在 Colab 中，第一个单元格会安装本项目的软件包。",
)
INSTALLED = Text(
    "## Setting up\n\nThis needs the package, installed from its repository.",
    "## 准备\n\n需要先从仓库安装本项目的软件包。",
)
SETTINGS = Text(
    "These numbers are the article's. Change them and run everything again.",
    "以下数值均与文章一致。可以修改它们，然后重新运行全部单元格。",
)
SEED = Text("fixes everything random", "固定所有随机性")
EPOCHS = Text("how often training goes over the data", "训练遍历数据的次数")
BATCH_SIZE = Text("samples per step", "每一步的样本数")
SOURCE = Text(
    'the real data if it can be had; drawn stand-ins: "stand-in"',
    '优先使用真实数据；"stand-in" 表示由程序绘制的替代数据',
)
DEFINITIONS = Text(
    "## The example\n\nWhat follows is the module `{module}`, function by function.",
    "## 示例代码\n\n以下是模块 `{module}` 的内容，逐个函数列出。",
)
DATA = Text("## The data", "## 数据")
NETWORK = Text(
    "## The network\n\nThe first weights are random: the seed fixes them.",
    "## 网络\n\n初始权重是随机的，由随机种子确定。",
)
COMPANIONS = Text(
    "## What it is compared with\n\nThe figures below set other networks beside this one. They are "
    "trained here.",
    "## 对照网络\n\n后面的图会把其他网络与本网络放在一起比较，先在这里训练它们。",
)
TRAINING = Text(
    "## Training\n\n`fit` is Keras's `model.fit` with a new order of the samples in each epoch, "
    "that of `keras-examples run`. (After a seed, `model.fit` repeats one order.) The numbers are "
    "those of the command to rounding, which training on pixels from 0 to 255 amplifies.",
    "## 训练\n\n`fit` 就是 Keras 的 `model.fit`，只是每一轮都换一个样本顺序，与 "
    "`keras-examples run` 相同。（固定随机种子后，`model.fit` 每一轮都重复同一个顺序。）"
    "结果与命令行只差舍入误差；像素为 0 到 255 时，训练会把舍入误差放大。",
)
RESULTS = Text("## Results", "## 结果")
TRY_WEIGHTS = Text(
    "## Try it\n\nChange a number above and run everything again. In a terminal, "
    "`keras-examples run {name}` draws the same figures.",
    "## 动手试一试\n\n修改上面的数值，再重新运行全部单元格。在终端中，`keras-examples run {name}` "
    "会绘制同样的图。",
)
TRY_TRAINING = Text(
    "## Try it\n\nChange a number in `build_model()` and run everything again. Does the loss fall "
    "faster, or not at all? Chance makes a difference, too: try another `SEED` before you believe "
    "one.\n\nIn a terminal, `keras-examples run {name}` trains the same network faster, and "
    "`keras-examples compare {name} --vary {argument}=…` compares several values over several "
    "seeds.",
    "## 动手试一试\n\n修改 `build_model()` 的参数，再重新运行全部单元格：损失下降得更快了，"
    "还是根本不下降？随机性也会带来差别：下结论之前，先换一个 `SEED` 试试。\n\n在终端中，"
    "`keras-examples run {name}` 能更快地训练同一个网络，"
    "`keras-examples compare {name} --vary {argument}=…` 可以用多个随机种子比较不同的取值。",
)
