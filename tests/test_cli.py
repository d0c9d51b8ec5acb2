"""The command line, run as users run it: formats, exit statuses, and what is said when something is wrong."""

import csv
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest
from lxml import html as lxml_html

import sayso.export
from sayso import cli
from sayso.export.csv import read_csv
from sayso.reading.odds import YARDSTICKS

EXAMPLES = Path(__file__).parent.parent / "examples"
DAM, TRAM, COLUMNS = (str(EXAMPLES / name) for name in ("dam-treaty.txt", "tram-line.html", "two-columns.jsonl"))
SAYSO = [sys.executable, "-m", "sayso.cli"]


def sayso_run(*arguments: str, **options) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONWARNINGS": "default", **options.pop("env", {})}
    return subprocess.run(
        [*SAYSO, *arguments], capture_output=True, text=True, timeout=3000, env=environment, encoding="utf-8", **options
    )


def objects(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def claims() -> list[dict]:
    done = sayso_run("read", DAM, TRAM, COLUMNS)
    assert (done.returncode, done.stderr) == (0, "")
    return objects(done.stdout)


def test_jsonl_is_the_default_when_piped(claims: list[dict]) -> None:
    validator = jsonschema.Draft202012Validator(sayso.export.schema())
    for claim in claims:
        validator.validate(claim)
    assert {c["thread"]["id"] for c in claims} == {DAM, TRAM, "grain-tariff", "clinic-closures"}
    assert {c["post"]["kind"] for c in claims} == {"article", "comment"}
    assert len({c["id"] for c in claims}) == len(claims)


def test_the_same_claims_in_every_form(claims: list[dict], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.csv", "a.html", "a.jsonl", "a.txt"):
        assert cli.run(["read", DAM, TRAM, COLUMNS, "--out", str(tmp_path / name)]) == 0
    assert capsys.readouterr() == ("", "")
    wanted = [(c["id"], c["content"]["text"], c["chain"][-1]["name"], c["kind"]) for c in claims]
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        assert [(r["id"], r["content"], r["holder"], r["kind"]) for r in read_csv(file)] == wanted
    lines = (tmp_path / "a.jsonl").read_text("utf-8").splitlines()
    assert objects("\n".join(lines)) == claims
    entries = lxml_html.fromstring((tmp_path / "a.html").read_text("utf-8")).cssselect(".entry")
    shown = sorted(
        (
            entry.get("id"),
            entry.cssselect(".content")[0].text_content(),
            entry.cssselect(".chain b")[0].text_content(),
            entry.cssselect(".kind")[0].text,
        )
        for entry in entries
    )
    assert shown == sorted((f"lc-{id}", *rest) for id, *rest in wanted)
    table = (tmp_path / "a.txt").read_text("utf-8")
    for _, text, holder, _ in wanted:
        assert holder.split()[-1] in table
        assert text.split()[0] in table


def test_attributions_give_the_text_and_its_places(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["read", TRAM, "--format", "attributions"]) == 0
    posts = objects(capsys.readouterr().out)
    assert [post["author"] for post in posts] == [
        "Edith Marlowe",
        "Walter Pym",
        "Fatima Osei",
        "Walter Pym",
        "A. Ratepayer",
    ]
    assert posts[2]["parent"] == posts[1]["id"]
    for post in posts:
        for attribution in post["attributions"]:
            for spans in attribution.values():
                assert all(0 <= start < end <= len(post["text"]) for start, end in spans)


def test_less_sure_claims_and_others_are_left_out(claims: list[dict], capsys: pytest.CaptureFixture[str]) -> None:
    limit = sorted(c["confidence"] for c in claims)[len(claims) // 2]
    # The file says four digits of a confidence; the limit is put between two claims.
    assert cli.run(["read", DAM, TRAM, COLUMNS, "--min-confidence", str(limit - 0.00005)]) == 0
    assert objects(capsys.readouterr().out) == [c for c in claims if c["confidence"] >= limit]
    assert cli.run(["read", DAM, TRAM, COLUMNS, "--only", "forecasts"]) == 0
    wanted = [c for c in claims if c["kind"] in ("prediction", "pledge")]
    assert objects(capsys.readouterr().out) == wanted


def test_several_processes_say_the_same(claims: list[dict]) -> None:
    done = sayso_run("read", DAM, TRAM, COLUMNS, "--jobs", "2")
    assert objects(done.stdout) == claims


def test_overrides_and_standard_input() -> None:
    text = "The bridge will open by June, the minister said."
    done = sayso_run("read", "-", "--title", "A Bridge", "--author", "Ida Holm", "--published", "2025-02-03",
                     "--url", "https://a.example/b", "--format", "attributions", input=text)  # fmt: skip
    assert done.returncode == 0
    assert json.loads(done.stdout)["author"] == "Ida Holm"
    assert json.loads(done.stdout)["text"] == text


def test_failures_are_told_in_a_line_each_and_the_rest_is_done(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    done = sayso_run(
        "read", str(tmp_path / "none.txt"), COLUMNS, str(tmp_path / "empty.txt"), "--format", "attributions"
    )
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 7
    first, second = done.stderr.splitlines()
    assert re.fullmatch(r"sayso: .*/none\.txt: cannot be read \(No such file or directory\); .+", first)
    assert re.fullmatch(r"sayso: .*/empty\.txt: is empty; .+", second)


def test_a_name_cannot_steer_the_terminal() -> None:
    done = sayso_run("read", "\x1b[2J\nno such file")
    assert done.returncode == 1
    assert "\x1b" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["read"], "Missing argument"),
        (["read", DAM, "--format", "pdf"], "'pdf' is not one of"),
        (["read", DAM, "--min-confidence", "2"], "0<=x<=1"),
        (["read", DAM, "--jobs", "0"], "x>=1"),
        (["read", DAM, "--published", "tomorrow"], "--published"),
        (["read", DAM, "--published", "2999-01-01"], "--published"),
        (["read", DAM, "--only", "forecasts", "--format", "attributions"], "attributions have no kind"),
        (["read", DAM, TRAM, "--title", "x"], "give one INPUT"),
        (["dates", "by May", "--said", "May"], "2021-06-02"),
        (["odds", "likely", "--yardstick", "mine"], "'mine' is not one of"),
        (["write"], "No such command"),
    ],
)
def test_wrong_usage(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(arguments) == 2
    shown = capsys.readouterr()
    assert says in shown.err
    assert shown.out == ""


def test_what_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["read", DAM, "--out", str(tmp_path / "no" / "a.html")]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.endswith("a.html: cannot be written (no such file or directory); make the folder first")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run([*SAYSO, "read", DAM], stdout=full, stderr=subprocess.PIPE, text=True, timeout=3000)
    assert done.returncode == 1
    assert done.stderr == (
        "sayso: standard output: cannot be written (no space left on device); free some space, or choose another disk\n"
    )


def test_a_reader_that_goes_away_is_no_error() -> None:
    process = subprocess.Popen([*SAYSO, "read", *[DAM] * 20], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(300) == 141
    process.stderr.close()


def test_ctrl_c_leaves_no_trace(tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    process = subprocess.Popen(
        [*SAYSO, "read", *[DAM] * 400, "--out", str(out)],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # What runs in the background of a script has been told to ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    for _ in range(6000):
        if any(path.stat().st_size for path in tmp_path.iterdir()):
            break
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=300)[1] == ""
    assert process.returncode == 130, "interrupted while it wrote"
    assert list(tmp_path.iterdir()) == []


def on_a_terminal(*arguments: str, stdout: int | None = None, env: dict[str, str] | None = None) -> tuple[str, int]:
    """What a command writes to a terminal 70 columns wide, and its exit status."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "70", **(env or {})}
    if not env:
        environment.pop("NO_COLOR", None)
    process = subprocess.Popen(
        [*SAYSO, *arguments], stdin=theirs, stdout=stdout or theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    shown = b""
    while select.select([ours], [], [], 300)[0]:
        try:
            block = os.read(ours, 65536)
        except OSError:  # the other side is closed
            break
        if not block:
            break
        shown += block
    os.close(ours)
    return shown.decode(), process.wait(300)


def test_shell_completion() -> None:
    done = sayso_run(env={"_SAYSO_COMPLETE": "bash_complete", "COMP_WORDS": "sayso re", "COMP_CWORD": "1"})
    assert "read" in done.stdout


def test_a_table_in_colour_on_a_terminal() -> None:
    shown, status = on_a_terminal("read", DAM)
    assert status == 0
    assert "\x1b[1m" in shown
    bare = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert "Nora Whitlock ‹ " in bare
    assert max(map(len, bare.splitlines())) <= 70
    assert "\x1b[3" not in on_a_terminal("read", DAM, env={"NO_COLOR": "1"})[0]


def test_progress_on_a_terminal(tmp_path: Path) -> None:
    shown, status = on_a_terminal("read", *[DAM] * 6, "none.txt", "--out", str(tmp_path / "a.jsonl"))
    assert status == 1
    assert "/7" in shown
    assert "/s" in shown
    assert "left" in shown
    assert "sayso: none.txt: cannot be read" in shown
    alone, status = on_a_terminal("read", DAM, "--out", str(tmp_path / "b.jsonl"))
    assert (alone, status) == ("", 0)


def test_dates(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["dates", "by next spring", "--said", "2021-06-02"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["“by next spring”, said on 2 Jun 2021", "  2 Jun 2021 – 31 May 2022"]
    assert len(lines) > 2
    assert cli.run(["dates", "by next spring", "--said", "2021-06-02", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["from"], found["to"]) == ("2021-06-02", "2022-05-31")
    assert cli.run(["dates", "by and by the by", "--said", "2021-06-02"]) == 1
    assert "no rule knows these words" in capsys.readouterr().out


def test_odds(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["odds", "almost certainly"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "“almost certainly”, by the yardstick survey"
    assert re.fullmatch(r"  \d\d%, \d\d–\d\d%", lines[1])
    assert "5,174 people" in lines[2]
    assert cli.run(["odds", "almost certainly", "--yardstick", "icd203", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["low"] >= 0.9
    assert cli.run(["odds", "marmalade"]) == 1
    assert set(cli.YARDSTICKS) == set(YARDSTICKS)


def test_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == sayso.export.schema()


def test_formats_are_those_of_the_library() -> None:
    assert cli.FORMATS == sayso.export.FORMATS


def test_help_and_version() -> None:
    for arguments, says in (
        (["--help"], "Usage: sayso"),
        (["read", "-h"], "--min-confidence"),
        (["--version"], "sayso, version"),
    ):
        done = sayso_run(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
        assert says in done.stdout


def test_help_loads_nothing_heavy() -> None:
    code = "import sys, sayso.cli; sayso.cli.run(['--help']); print([m for m in sys.modules if m in sys.argv])"
    heavy = ["numpy", "onnxruntime", "tokenizers", "rich", "jinja2", "trafilatura", "lxml", "httpx"]
    done = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, text=True, timeout=3000)
    assert done.stdout.splitlines()[-1] == "[]"


def test_csv_opens_in_a_plain_reader(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["read", DAM, "--format", "csv"]) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert rows
    assert {row["thread_published"] for row in rows} == {"2026-03-09"}
