"""A process of a pool that trains nothing, and so starts in no time."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any


def main() -> None:
    """Answers requests: `task` says how."""
    for line in sys.stdin:
        request = json.loads(line)
        if request["task"] == "die":
            os._exit(9)
        if request["task"] == "wait":  # for Ctrl-C
            reply({"epoch": 1})
            assert json.loads(sys.stdin.readline()) == {"interrupt": True}
            time.sleep(0.2)
        reply({"status": request["task"], "environment": os.environ.get("ECHO")})


def reply(about: dict[str, Any]) -> None:
    print(json.dumps(about), flush=True)


if __name__ == "__main__":
    main()
