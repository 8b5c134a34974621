"""Messages between the sandbox's parent and child, over a Unix socket: 4 bytes of length and JSON.

JSON and not pickle: the parent must be able to read what a taken-over child sends.
"""

from __future__ import annotations

import json
import socket
import time
from typing import Any

MAX_MESSAGE = 2**16
_HEAD = 4


def send(
    channel: socket.socket, message: dict[str, Any], payload: bytes = b"", deadline: float | None = None
) -> None:
    """Send one message, and raw bytes that it announces.

    Args:
        channel: a connected stream socket.
        message: plain JSON values.
        payload: goes right after it.
        deadline: on ``time.monotonic``'s clock; None waits as long as it takes.

    Raises:
        OSError: the other side has gone; ``TimeoutError`` past the deadline.
    """
    body = json.dumps(message).encode()
    for part in (len(body).to_bytes(_HEAD, "big") + body, payload):
        _wait_until(channel, deadline)
        channel.sendall(part)


def send_descriptor(channel: socket.socket, descriptor: int, deadline: float | None = None) -> None:
    """Lend the other process a file descriptor, with one byte to carry it."""
    _wait_until(channel, deadline)
    socket.send_fds(channel, [b"\0"], [descriptor])


def receive_descriptor(channel: socket.socket) -> int:
    """The descriptor that ``send_descriptor`` lent; it is now the caller's to close.

    Raises:
        EOFError: the other side has gone.
    """
    _, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
    if not descriptors:
        raise EOFError
    return descriptors[0]


def receive(channel: socket.socket, deadline: float | None = None) -> dict[str, Any]:
    """Receive one message.

    Raises:
        EOFError: the other side has gone.
        OSError: ``TimeoutError`` past the deadline, ``ConnectionError`` for anything that is not a message.
    """
    length = int.from_bytes(receive_bytes(channel, _HEAD, deadline), "big")
    if length > MAX_MESSAGE:
        raise ConnectionError("message too long")
    try:
        message = json.loads(receive_bytes(channel, length, deadline))
    except (ValueError, RecursionError) as error:
        raise ConnectionError("not JSON") from error
    if not isinstance(message, dict):
        raise ConnectionError("not a message")
    return message


def receive_bytes(channel: socket.socket, length: int, deadline: float | None = None) -> bytearray:
    """Receive exactly ``length`` raw bytes; errors as ``receive``."""
    data = bytearray(length)
    view = memoryview(data)
    while view:
        _wait_until(channel, deadline)
        got = channel.recv_into(view)
        if got == 0:
            raise EOFError
        view = view[got:]
    return data


def _wait_until(channel: socket.socket, deadline: float | None) -> None:
    if deadline is None:
        channel.settimeout(None)
        return
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    channel.settimeout(left)
