"""Stands in for Typer in a rehearsal, where Python has none: commands, groups of commands, arguments and options."""
import enum
import inspect
import pathlib
import sys
import typing


class Exit(Exception):
    def __init__(self, code=0):
        self.exit_code = self.code = code


class Abort(Exception):
    pass


class BadParameter(Exception):
    pass


class Context:
    def __init__(self, args=(), info_name=None, parent=None):
        self.args, self.info_name, self.parent = list(args), info_name, parent
        self.obj = self.invoked_subcommand = None

    def get_help(self):
        return self.info_name or ""


class _Given:
    """What Argument() or Option() says of a parameter."""

    def __init__(self, positional, default, names, envvar=None, **_):
        self.positional, self.default, self.names, self.envvar = positional, default, names, envvar


def Argument(default=..., *names, **settings):
    return _Given(True, default, names, **settings)


def Option(default=..., *names, **settings):
    return _Given(False, default, names, **settings)


def echo(message="", err=False, nl=True, file=None, **_):
    print("" if message is None else message, end="\n" if nl else "", file=file or (sys.stderr if err else sys.stdout), flush=True)


secho = echo


def style(text, **_):
    return str(text)


def prompt(_text="", default=None, **_):
    return default if default is not None else sys.stdin.readline().strip()


def confirm(_text="", default=False, abort=False, **_):
    answer = sys.stdin.readline().strip().lower()
    yes = answer in ("y", "yes") if answer else bool(default)
    if abort and not yes:
        raise Abort()
    return yes


def get_app_dir(name, **_):
    return str(pathlib.Path.home() / ("." + name))


class colors:
    RED = GREEN = YELLOW = BLUE = CYAN = MAGENTA = WHITE = BLACK = ""


def _kind(annotation):
    """The type of one value, and whether there are many."""
    if hasattr(annotation, "__metadata__"):
        return _kind(typing.get_args(annotation)[0])
    inner = [a for a in typing.get_args(annotation) if a is not type(None)]
    origin = typing.get_origin(annotation)
    if origin in (list, tuple, set):
        return (inner[0] if inner else str), True
    if inner and origin is not typing.Literal:
        return _kind(inner[0])
    return (annotation if isinstance(annotation, type) else str), False


def _convert(kind, text):
    if kind is bool:
        return text.lower() in ("1", "true", "yes", "on")
    if kind is inspect.Parameter.empty:
        return text
    try:
        return kind(text) if issubclass(kind, (int, float, pathlib.PurePath, enum.Enum)) else text
    except ValueError:
        raise BadParameter(f"Invalid value: {text!r}")


class _Parameter:
    def __init__(self, name, parameter, annotation):
        given = next((m for m in getattr(annotation, "__metadata__", ()) if isinstance(m, _Given)), None)
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        if given is not None:  # Annotated[...]: what stands first is a name
            given = _Given(given.positional, default, [n for n in (given.default, *given.names) if isinstance(n, str)], given.envvar)
        elif isinstance(default, _Given):
            given = default
        else:
            given = _Given(default is ..., default, ())
        self.name, self.given = name, given
        self.kind, self.many = _kind(annotation)
        self.flags = {}
        if not given.positional:
            names = [n for n in given.names if n.startswith("-")] or ["--" + name.replace("_", "-")]
            for name in names:
                yes, slash, no = name.partition("/")
                self.flags[yes] = True
                if slash:
                    self.flags[no] = False
                elif self.kind is bool and yes.startswith("--") and not given.names:
                    self.flags["--no-" + yes[2:]] = False

    def default(self):
        import os

        value = self.given.default
        if self.given.envvar and os.environ.get(self.given.envvar if isinstance(self.given.envvar, str) else self.given.envvar[0]):
            return _convert(self.kind, os.environ[self.given.envvar if isinstance(self.given.envvar, str) else self.given.envvar[0]])
        if value is ...:
            raise BadParameter(f"Missing {'argument' if self.given.positional else 'option'} '{self.name.upper()}'.")
        if callable(value):
            value = value()
        return [] if value is None and self.many else value


class _Command:
    def __init__(self, function, settings):
        self.function, self.settings = function, settings or {}

    def parse(self, words, context):
        hints = typing.get_type_hints(self.function, include_extras=True)
        parameters, values = [], {}
        for name, parameter in inspect.signature(self.function).parameters.items():
            if hints.get(name) is Context:
                values[name] = context
            elif parameter.kind is parameter.VAR_KEYWORD or parameter.kind is parameter.VAR_POSITIONAL:
                continue
            else:
                parameters.append(_Parameter(name, parameter, hints.get(name, parameter.annotation)))
        rest = self.options(list(words), [p for p in parameters if p.flags], values)
        positional = [p for p in parameters if not p.flags]
        for i, p in enumerate(positional):
            later = len(positional) - i - 1
            if p.many:
                taken, rest = rest[: len(rest) - later], rest[len(rest) - later :]
                values[p.name] = [_convert(p.kind, t) for t in taken] or p.default()
            else:
                values[p.name] = _convert(p.kind, rest.pop(0)) if rest else p.default()
        for p in parameters:
            if p.name not in values:
                values[p.name] = p.default()
        if rest and not self.settings.get("allow_extra_args"):
            raise BadParameter(f"Got unexpected extra argument ({' '.join(rest)})")
        context.args = rest
        return values

    def options(self, words, parameters, values):
        by_flag = {flag: (p, value) for p in parameters for flag, value in p.flags.items()}
        rest = []
        while words:
            word = words.pop(0)
            flag, equals, text = word.partition("=")
            if word == "--":
                return rest + words
            if word == "--help":
                echo(inspect.getdoc(self.function))
                raise Exit()
            if flag in by_flag:
                p, value = by_flag[flag]
                if p.kind is not bool:
                    if not equals and not words:
                        raise BadParameter(f"Option '{flag}' requires an argument.")
                    value = _convert(p.kind, text if equals else words.pop(0))
                values[p.name] = values.get(p.name, []) + [value] if p.many else value
            elif word.startswith("-") and word != "-" and not self.settings.get("ignore_unknown_options"):
                raise BadParameter(f"No such option: {flag}")
            else:
                rest.append(word)
        return rest


class Typer:
    def __init__(self, name=None, help=None, invoke_without_command=False, **_):
        self.name, self.help, self.commands, self.entry, self.alone = name, help, {}, None, invoke_without_command

    def command(self, name=None, context_settings=None, **_):
        def register(function):
            self.commands[name or function.__name__.replace("_", "-")] = _Command(function, context_settings)
            return function

        return register

    def callback(self, invoke_without_command=False, context_settings=None, **_):
        def register(function):
            self.entry, self.alone = _Command(function, context_settings), self.alone or invoke_without_command
            return function

        return register

    def add_typer(self, app, name=None, **_):
        self.commands[name or app.name] = app

    def run(self, words, context):
        if len(self.commands) == 1 and self.entry is None and not (words and words[0] in self.commands):
            only = next(iter(self.commands.values()))
            if isinstance(only, _Command):
                return only.function(**only.parse(words, context))
        own = []
        while words and words[0].startswith("-"):
            if words[0] == "--help":
                echo(self.help or "")
                raise Exit()
            own.append(words.pop(0))
            flags = [p for p in inspect.signature(self.entry.function).parameters] if self.entry else []
            if "=" not in own[-1] and self.entry and words and not words[0].startswith("-") and words[0] not in self.commands and flags:
                own.append(words.pop(0))
        if words:
            context.invoked_subcommand = words[0]
        if self.entry and (words or self.alone):
            self.entry.function(**self.entry.parse(own, context))
        if not words:
            if self.entry and self.alone:
                return None
            echo(self.help or "")
            raise Exit(2)
        name, inner = words[0], Context(info_name=words[0], parent=context)
        inner.obj = context.obj
        found = self.commands.get(name)
        if found is None:
            raise BadParameter(f"No such command '{name}'.")
        if isinstance(found, Typer):
            return found.run(words[1:], inner)
        return found.function(**found.parse(words[1:], inner))

    def __call__(self, args=None, **_):
        try:
            self.run(list(sys.argv[1:] if args is None else args), Context())
        except Exit as stop:
            sys.exit(stop.exit_code)
        except Abort:
            echo("Aborted.", err=True)
            sys.exit(1)
        except BadParameter as error:
            echo(f"Error: {error}", err=True)
            sys.exit(2)
        sys.exit(0)


def run(function):
    app = Typer()
    app.command()(function)
    app()
