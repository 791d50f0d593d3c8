"""What a notebook says between its cells, in either language."""

from __future__ import annotations

from collections.abc import Mapping

TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "install": "## Setting up\n\nIn Colab, the first cell installs the package.",
        "settings": "These numbers are the article's. Change them and run everything again.",
        "definitions": "## The example\n\nWhat follows is the module `{module}`, function by "
        "function.",
        "network": "## The network\n\nThe first weights are random: the seed fixes them.",
        "data": "## The data",
        "companions": "## What it is compared with\n\nThe figures below set other networks beside "
        "this one. They are trained here.",
        "training": "## Training",
        "results": "## Results",
        "figure": "### {title}\n\n{caption}",
        "further": "## Try it\n\nChange a number in `build_model()`{arguments} and run everything "
        "again. Does the loss fall faster, or not at all? Chance makes a difference, too: try "
        "another `SEED` before you believe one.\n\nIn a terminal, `keras-examples run {name}` "
        "trains the same network faster{compare}.",
        "compare": ", and `keras-examples compare {name} --vary {argument}=…` compares several "
        "values over several seeds",
        "such_as": ", such as {names},",
        "epochs": "how often training goes over the data",
        "batch_size": "samples a step",
        "seed": "fixes everything random",
        "source": 'the real data if it can be had; drawn stand-ins: "stand-in"',
    },
    "zh": {
        "install": "## 准备\n\n在 Colab 中，第一个单元格会安装本项目的软件包。",
        "settings": "以下数值均与文章一致。可以修改它们，然后重新运行全部单元格。",
        "definitions": "## 示例代码\n\n以下是模块 `{module}` 的内容，逐个函数列出。",
        "network": "## 网络\n\n初始权重是随机的，由随机种子确定。",
        "data": "## 数据",
        "companions": "## 对照网络\n\n后面的图会把其他网络与本网络放在一起比较，先在这里训练它们。",
        "training": "## 训练",
        "results": "## 结果",
        "figure": "### 图 {number}",
        "further": "## 动手试一试\n\n修改 `build_model()` 的参数{arguments}再重新运行全部单元格："
        "损失下降得更快了，还是根本不下降？随机性也会带来差别：下结论之前，先换一个 `SEED` 试试。"
        "\n\n在终端中，`keras-examples run {name}` 能更快地训练同一个网络{compare}。",
        "compare": "，`keras-examples compare {name} --vary {argument}=…` 可以用多个随机种子比较"
        "不同的取值",
        "such_as": "（例如 {names}），",
        "epochs": "训练遍历数据的次数",
        "batch_size": "每一步的样本数",
        "seed": "固定所有随机性",
        "source": '优先使用真实数据；"stand-in" 表示由程序绘制的替代数据',
        "introduction": "本笔记本由模块 `{module}` 自动生成：模块的说明、函数、训练和图。",
        "article": "文章",
    },
}
