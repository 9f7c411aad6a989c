"""``sweep`` from the shell."""

from __future__ import annotations

from pathlib import Path

from command_line import json_lines, run_cli


def test_a_sweep_from_the_shell(tmp_path: Path) -> None:
    texts = tmp_path / "jokes.txt"
    animals = ("duck", "cow", "cat", "dog", "hen", "pig", "owl", "fox", "bee", "ant")
    texts.write_text("\n".join(f"Why did the {a} see the {b}? It was a {b}!" for a in animals for b in animals[:6]))
    chosen = ("--preset", "small", "--max-epochs", "2", "--set", "hidden=4,8", "--name", "sizes", "--json")
    lines = json_lines(run_cli(tmp_path, "sweep", str(texts), *chosen).stdout)
    kinds = [line.get("event") for line in lines]
    assert kinds[:4] == ["run", "reached", "run", "reached"]
    assert kinds[-1] == "end"
    (halved,) = [line for line in lines if line.get("event") == "halved"]
    assert set(halved["kept"]) | set(halved["left_behind"]) == {"hidden=4", "hidden=8"}
    runs = {line["run"]: line for line in lines if "state" in line}
    assert set(runs) == {"sizes-1", "sizes-2"}
    assert sorted(run["state"] for run in runs.values()) == ["finished", "stopped"]
    assert runs["sizes-1"]["differs"] == {"hidden size": 4}
    taken = run_cli(tmp_path, "sweep", str(texts), *chosen)
    assert taken.exit_code == 1
    assert "already a sweep named 'sizes'" in taken.stderr
    again = run_cli(tmp_path, "sweep", "--resume", "sizes")
    assert again.exit_code == 0
    assert "Best is hidden=" in again.stdout
    assert "left behind after round 1" in again.stdout
    for arguments, sentence in (
        (("--set", "dropout"), "names no values"),
        (("--resume", "sizes", "--seeds", "2"), "leave everything else out"),
        ((), "something to try"),
    ):
        wrong = run_cli(tmp_path, "sweep", *arguments)
        assert wrong.exit_code == 2
        assert sentence in wrong.stderr
