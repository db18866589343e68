"""Build hook: what the wheel holds. An editable install holds nothing and points at the repository's root."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILD_FILES = frozenset({"pyproject.toml", "README.md", "wheel_content.py"})


class WheelContent(BuildHookInterface[Any]):
    """Puts the agent and the wire models side by side, as they stand in the repository."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files of a standard wheel; ``version`` is ``editable`` for the other kind.

        Here and not in `pyproject.toml`, because what is included there goes into an editable install as a copy.
        """
        if version != "standard":
            return
        agent = Path(self.root)
        for package in (agent, agent.parent / "shared" / "wire"):
            for file in package.rglob("*"):
                if file.suffix in {".py", ".json", ".yaml"} and file.name not in BUILD_FILES:
                    build_data["force_include"][str(file)] = file.relative_to(agent.parent).as_posix()
        build_data["force_include"][str(agent.parent / "shared" / "__init__.py")] = "shared/__init__.py"
