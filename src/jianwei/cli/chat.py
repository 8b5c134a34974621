"""``jianwei chat``: questions in a row about the same pictures."""

from __future__ import annotations

import contextlib
import importlib
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from jianwei.cli import options
from jianwei.cli.answering import Session, new_request, open_model, print_answer, print_stats
from jianwei.cli.help import Command
from jianwei.cli.output import CommandError, say, show_error, write
from jianwei.cli.pictures import read_pictures
from jianwei.cli.settings import load_settings
from jianwei.cli.text import tr
from jianwei.config import Settings
from jianwei.errors import JianweiError
from jianwei.model.prune import parse_prune
from jianwei.types import ChatRequest, Image, ImagePart, Message, SamplingParams, TextPart

PROMPT = "> "


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(
        "chat",
        cls=Command,
        help=tr(
            "Ask several questions in a row about the same pictures; /help there tells what else there is.",
            "就同样的图片连续提问。进入后输入 /help 查看更多用法。",
        ),
        epilog=tr(
            "jianwei chat photo.jpg\njianwei chat page1.png page2.png --model qwen3-vl-2b\n"
            "jianwei chat photo.jpg < questions.txt",
            "jianwei chat photo.jpg\njianwei chat 第1页.png 第2页.png --model qwen3-vl-2b\n"
            "jianwei chat photo.jpg < 问题.txt",
        ),
    )(chat)


def chat(
    pictures: Annotated[
        list[str] | None,
        typer.Argument(
            metavar=tr("[PICTURE...]", "[图片...]"),
            help=tr("Picture files, PDF files or videos.", "图片、PDF 或视频文件。"),
        ),
    ] = None,
    *,
    pages: Annotated[str | None, options.pages()] = None,
    max_tokens: Annotated[int, options.max_tokens()] = 1024,
    temperature: Annotated[float, options.temperature()] = 0.0,
    model: Annotated[str | None, options.model()] = None,
    mmproj: Annotated[Path | None, options.mmproj()] = None,
    ocr: Annotated[Literal["auto", "on", "off"], options.ocr()] = "auto",
    max_visual_tokens: Annotated[int | None, options.visual_tokens()] = None,
    prune: Annotated[str | None, options.prune()] = None,
    allow_url: Annotated[bool, options.allow_url()] = False,
    stats: Annotated[bool, options.stats()] = False,
    language: Annotated[Literal["zh", "en"] | None, options.language()] = None,
) -> None:
    """Load the model and answer line after line until the input ends."""
    settings = load_settings(model=model, mmproj=mmproj, allow_url=allow_url or None, language=language)
    names = pictures or []
    if "-" in names:
        raise CommandError(
            "usage",
            tr(
                "Standard input holds the questions here, so it cannot be a picture.",
                "此处标准输入用于提问，不能作为图片。",
            ),
            tr("Name the picture as a file.", "请用文件名指定图片。"),
        )
    images = read_pictures(names, settings, pages)
    template = ChatRequest(
        id="",
        messages=(),
        sampling=SamplingParams(max_tokens=max_tokens, temperature=temperature),
        ocr=ocr,
        max_visual_tokens=max_visual_tokens,
        prune=parse_prune(prune) if prune is not None else None,
    )
    with open_model(settings) as session:
        Conversation(session, settings, template, images, stats).run()


class Conversation:
    """Reads lines, asks, remembers.

    Args:
        session: the loaded model.
        settings: limits of pictures.
        template: options of every question.
        images: pictures that go with the first question.
        stats: print the table after every answer.
    """

    def __init__(
        self,
        session: Session,
        settings: Settings,
        template: ChatRequest,
        images: Sequence[Image],
        stats: bool,
    ) -> None:
        self._session = session
        self._settings = settings
        self._template = template
        self._stats = stats
        self._pictures = list(images)  # all of this conversation, for /new
        self._pending = list(images)  # those that go with the next question
        self._messages: list[Message] = []

    def run(self) -> None:
        """Until /quit or the end of input; Ctrl-C leaves an empty prompt, or stops an answer."""
        interactive = sys.stdin.isatty()
        if interactive:
            with contextlib.suppress(ImportError):
                importlib.import_module("readline")  # gives input() line editing and a history
            say(
                tr(
                    f"{self._session.model.card.title}. /help for help, Ctrl-D to leave.",
                    f"{self._session.model.card.title}。输入 /help 查看帮助，Ctrl-D 退出。",
                ),
                "dim",
            )
        while True:
            try:
                line = input(PROMPT if interactive else "").strip()
            except EOFError:
                break
            if line in ("/quit", "/exit"):
                return
            try:
                self._take(line)
            except (JianweiError, CommandError) as error:
                show_error(error)
        if interactive:
            write("\n")

    def _take(self, line: str) -> None:
        if not line:
            return
        if not line.startswith("/"):
            self._ask(line)
            return
        command, _, rest = line.partition(" ")
        if command == "/help":
            self._help()
        elif command == "/new":
            self._new(_words(rest))
        elif command == "/picture" and rest.strip():
            self._add(_words(rest))
        else:
            raise CommandError(
                "usage",
                tr(f"There is no command “{line}” here.", f"此处没有命令“{line}”。"),
                tr("/help lists what there is.", "输入 /help 查看可用命令。"),
            )

    def _ask(self, question: str) -> None:
        """Ask, and remember question and answer; a stopped answer is remembered as far as it came."""
        message = Message("user", (*(ImagePart(image) for image in self._pending), TextPart(question)))
        request = new_request((*self._messages, message), self._template)
        printed: list[str] = []
        try:
            completion = print_answer(self._session, request, printed.append)
        except KeyboardInterrupt:
            write("\n")
            say(tr("Stopped.", "已停止。"), "dim")
            completion = None
        answer = completion.text if completion else "".join(printed)
        if answer:
            self._messages += [message, Message("assistant", (TextPart(answer),))]
            self._pending = []
        if completion and self._stats:
            print_stats(completion, self._session.model.stats())

    def _add(self, names: Sequence[str]) -> None:
        images = read_pictures(names, self._settings)
        self._pictures += images
        self._pending += images
        for image in images:
            say(f"+ {image.name} ({image.width}x{image.height})", "dim")

    def _new(self, names: Sequence[str]) -> None:
        if names:
            self._pictures = read_pictures(names, self._settings)
        self._pending = list(self._pictures)
        self._messages = []
        count = len(self._pictures)
        say(tr(f"New conversation, {count} pictures.", f"新对话，{count} 张图片。"), "dim")

    def _help(self) -> None:
        for line in (
            tr(
                "/picture FILE...  add pictures to the next question",
                "/picture 文件...  为下一个问题添加图片",
            ),
            tr(
                "/new [FILE...]    forget the conversation; keep the pictures, or take these",
                "/new [文件...]    清空对话；保留图片，或改用这些图片",
            ),
            tr("/quit             leave (also Ctrl-D)", "/quit             退出（或 Ctrl-D）"),
            tr(
                "Ctrl-C            stop the answer; at the prompt: leave",
                "Ctrl-C            停止回答；在提示符处则退出",
            ),
        ):
            say(line)


def _words(text: str) -> list[str]:
    """File names separated by spaces, quoted as in a shell where they hold spaces."""
    try:
        return shlex.split(text)
    except ValueError:
        return [text.strip()]
