"""Serves the page until Ctrl-C."""

from __future__ import annotations

import errno
import importlib.util
import ipaddress
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from keras_examples.core import InputError, Text, console
from keras_examples.core.files import reason
from keras_examples.demo import limits

FIRST_PORT, PORTS = 7860, 100


def serve(
    *,
    port: int | None = None,
    host: str = "127.0.0.1",
    runs: str = "runs",
    plots: str = "plots",
    data: str = "auto",
    data_dir: str | None = None,
    lang: str = "en",
    browser: bool = True,
) -> int:
    """Serves the page until Ctrl-C.

    Args:
        port: The port; by default the first free one from 7860.
        host: The address to listen on.
        runs: Folder of the trained networks, and for those trained on the page.
        plots: Folder for the figures of those trained on the page.
        data: Source of the images, as in `run()`.
        data_dir: Their folder, if not the usual places.
        lang: The language that the page starts in.
        browser: Whether to open it in the browser.

    Returns:
        The exit code.

    Raises:
        InputError: Gradio is not installed, the port is in use, or the images are not available.
    """
    _require_gradio()
    port = _free_port(host, port)
    if not _is_local(host):
        console.announce(
            f"keras-examples: warning: {host} can be reached from other machines: whoever reaches "
            "it can upload pictures and start training here.",
            f"keras-examples：警告：其他机器可以访问 {host}："
            "能访问的人都可以在这里上传图片、启动训练。",
        )
    options = ["--runs", runs, "--plots", plots, "--data", data]
    options += ["--data-dir", data_dir] if data_dir is not None else []
    with _private_gradio():
        with console.quiet():  # this imports TensorFlow
            from keras_examples.demo import page, upload
            from keras_examples.demo.networks import Networks
            from keras_examples.demo.training import TrainingQueue
        networks, queue = Networks(runs), TrainingQueue(options)
        networks.load()
        built = page.build_page(networks, queue, lang=lang, data=data, data_dir=data_dir)
        try:
            _, url, _ = built.launch(
                server_name=host,
                server_port=port,
                max_file_size=upload.LARGEST_FILE,
                app_kwargs={"middleware": limits.middleware()},
                inbrowser=browser,
                prevent_thread_lock=True,
                quiet=True,
                share=False,
                ssr_mode=False,
                **page.appearance(),
            )
            print(Text(f"{url}  (Ctrl-C ends it)", f"{url}  （按 Ctrl-C 结束）"), flush=True)
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:  # the regular end
            return 0
        finally:
            queue.stop()
            built.close(verbose=False)


def _require_gradio() -> None:
    if importlib.util.find_spec("gradio") is None:
        raise InputError(
            "the demo needs Gradio, which is not installed; get it by "
            '`pip install "keras-examples[demo]"`.',
            '演示页面需要 Gradio，而它没有安装；请用 `pip install "keras-examples[demo]"` 安装。',
        )


@contextmanager
def _private_gradio() -> Iterator[None]:
    """Disables Gradio's analytics, and deletes uploads when the page ends."""
    with tempfile.TemporaryDirectory(
        prefix="keras-examples-", ignore_cleanup_errors=True
    ) as uploads:
        os.environ.update(GRADIO_ANALYTICS_ENABLED="False", GRADIO_TEMP_DIR=uploads)
        yield


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _free_port(host: str, port: int | None) -> int:
    """Returns the requested port, or the first that is free.

    Raises:
        InputError: It cannot be used; the message says why.
    """
    for candidate in range(FIRST_PORT, FIRST_PORT + PORTS) if port is None else (port,):
        try:
            family, kind, _, _, address = socket.getaddrinfo(
                host, candidate, type=socket.SOCK_STREAM
            )[0]
            with socket.socket(family, kind) as probe:
                if os.name == "posix":  # elsewhere it would allow a port that is in use
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES) and port is None:
                continue  # Windows keeps whole ranges of ports to itself
            raise InputError(
                f"cannot serve on {host} port {candidate} ({reason(error).en}); "
                "choose another (--port, --host).",
                f"无法使用地址 {host} 的端口 {candidate}（{reason(error).zh}）；"
                "请另选一个（--port、--host）。",
            ) from None
        return candidate
    raise InputError(
        f"all ports from {FIRST_PORT} to {FIRST_PORT + PORTS - 1} are in use; name one (--port).",
        f"{FIRST_PORT} 到 {FIRST_PORT + PORTS - 1} 的端口都已被占用；请指定一个（--port）。",
    )
