"""Every function: bounded, logged, traced, and given the code and the variables that it needs."""

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, ModuleType

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver

from shared.directory import standing
from shared.names import METRICS_NAMESPACE
from shared.settings import Settings
from tests.support.templates import Resource, Synthesized, context_of, function_name, target, variables

pytestmark = pytest.mark.synth

ROOT = Path(__file__).parents[2]
POWERTOOLS = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}
SYNCHRONOUS_SECONDS = 10
LONGEST_SECONDS = 30


def functions(stage: Synthesized) -> Iterator[tuple[str, Resource]]:
    for logical_id, each in stage.functions().items():
        yield function_name(logical_id), each["Properties"]


def test_there_is_a_function_for_each_entry_point(prod: Synthesized) -> None:
    handlers = [properties["Handler"] for _, properties in functions(prod)]
    assert len(handlers) == len(set(handlers)) == 31


def test_every_function_has_the_house_s_bounds(prod: Synthesized) -> None:
    for name, properties in functions(prod):
        is_synchronous = name.endswith(("Api", "Authorizer"))
        assert properties["Timeout"] <= (SYNCHRONOUS_SECONDS if is_synchronous else LONGEST_SECONDS), name
        assert properties["MemorySize"] == 512, name
        assert properties["TracingConfig"] == {"Mode": "Active"}, name


def test_functions_run_on_arm_and_the_newest_python(prod: Synthesized) -> None:
    platforms = {(properties["Runtime"], *properties["Architectures"]) for _, properties in functions(prod)}
    assert platforms == {("python3.14", "arm64")}


def test_every_function_logs_json_to_a_group_of_its_own_that_forgets(prod: Synthesized) -> None:
    groups = []
    for _, properties in functions(prod):
        logging = properties["LoggingConfig"]
        assert logging["LogFormat"] == "JSON"
        groups.append(target(logging["LogGroup"]))
    assert len(set(groups)) == len(groups)


def test_no_log_is_kept_for_ever(prod: Synthesized, dev: Synthesized) -> None:
    for stage, days in ((prod, 30), (dev, 7)):
        kept = {each["Properties"].get("RetentionInDays") for each in stage.of_type("AWS::Logs::LogGroup").values()}
        assert kept == {days}


def test_every_handler_is_in_the_asset_of_its_function(prod: Synthesized) -> None:
    for name, properties in functions(prod):
        module, _, handler = properties["Handler"].rpartition(".")
        source = prod.asset(properties["Code"]["S3Key"]) / Path(*module.split(".")).with_suffix(".py")
        assert source.is_file(), f"{name}: {module}"
        assert handler in top_level_names(source), f"{name}: {module} has no {handler}"


def top_level_names(source: Path) -> set[str]:
    return {
        node.name for node in ast.parse(source.read_text()).body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


def test_an_asset_holds_its_own_context_and_what_is_shared_and_no_more(prod: Synthesized) -> None:
    for name, function in ((name, each) for name, each in prod.functions().items()):
        folder = prod.asset(function["Properties"]["Code"]["S3Key"])
        assert {path.name for path in folder.iterdir()} == {"functions", "shared"}, name
        contexts = {path.name for path in (folder / "functions").iterdir()}
        assert contexts == {"__init__.py", context_of(function)}, name


def test_every_function_is_named_in_its_logs_and_metrics(prod: Synthesized) -> None:
    for name, function in prod.functions().items():
        environment = variables(function)
        assert environment["POWERTOOLS_SERVICE_NAME"] == context_of(function), name
        assert environment["POWERTOOLS_METRICS_NAMESPACE"] == METRICS_NAMESPACE, name
        assert environment["POWERTOOLS_LOG_LEVEL"] == "INFO", name


def test_every_function_is_given_what_its_settings_ask_for(prod: Synthesized) -> None:
    missing = {
        function_name(logical_id): sorted(lacking)
        for logical_id, function in prod.functions().items()
        if (lacking := asked_for(function, required=True) - set(variables(function)))
    }
    assert missing == {}


def test_no_function_is_given_what_its_settings_do_not_ask_for(prod: Synthesized) -> None:
    """A table's name comes with a grant, so a name too many is a permission too many."""
    spare = {
        function_name(logical_id): sorted(unasked)
        for logical_id, function in prod.functions().items()
        if (unasked := set(variables(function)) - asked_for(function, required=False) - POWERTOOLS)
    }
    assert spare == {}


def asked_for(function: Resource, *, required: bool) -> set[str]:
    """Variables of the settings that the handler's code reaches: those it cannot do without, or all."""
    entry = function["Properties"]["Handler"].rpartition(".")[0]
    reach = Reach(f"functions.{context_of(function)}")
    module = importlib.import_module(entry)
    reach.module(module)
    if isinstance(getattr(module, "app", None), APIGatewayRestResolver):
        # What the resolver asks before a write is in no name of the module.
        reach.module(standing)
    fields = {name: about for each in reach.settings for name, about in each.model_fields.items()}
    return {name.upper() for name, about in fields.items() if about.is_required() or not required}


class Reach:
    """What code can get to by the names in it: the settings classes of its context, and those of `shared`."""

    def __init__(self, context: str) -> None:
        self.context = context
        self.settings: set[type[Settings]] = set()
        self._seen: set[object] = set()

    def module(self, module: ModuleType) -> None:
        """Everything a module defines, and the routes that its app includes."""
        for value in list(vars(module).values()):
            if getattr(value, "__module__", None) == module.__name__:
                self._value(value)
            elif isinstance(value, ApiGatewayResolver):
                for route in value._static_routes + value._dynamic_routes:
                    self._value(route.func)

    def _value(self, value: object) -> None:
        value = inspect.unwrap(value) if callable(value) else value
        if id(value) in self._seen or not str(getattr(value, "__module__", "")).startswith((self.context, "shared")):
            return
        self._seen.add(id(value))
        if inspect.isclass(value):
            if issubclass(value, Settings) and value is not Settings:
                self.settings.add(value)
            for member in vars(value).values():
                self._value(getattr(member, "__func__", member))
        elif inspect.isfunction(value):
            self._code(value.__code__, value.__globals__)

    def _code(self, code: CodeType, names: dict[str, object]) -> None:
        for name in code.co_names:
            value = names.get(name)
            self._value(value)
            if inspect.ismodule(value):
                for attribute in code.co_names:
                    self._value(getattr(value, attribute, None))
        for nested in code.co_consts:
            if inspect.iscode(nested):
                self._code(nested, names)
