"""Stands in for Jinja in a rehearsal, where Python has none: variables, for, if, set, include, raw, and the usual filters."""
import ast
import os
import re

_TOKEN = re.compile(r"(\{%-?\s*raw\s*-?%\}.*?\{%-?\s*endraw\s*-?%\}|\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\})", re.DOTALL)


class TemplateError(Exception):
    pass


class UndefinedError(TemplateError):
    pass


class TemplateNotFound(TemplateError):
    pass


class Undefined:
    strict = False

    def __init__(self, name="value"):
        self.name = name

    def _give(self, value):
        if self.strict:
            raise UndefinedError(f"{self.name!r} is undefined")
        return value

    def __str__(self):
        return self._give("")

    def __bool__(self):
        return self._give(False)

    def __iter__(self):
        return iter(self._give(()))


class StrictUndefined(Undefined):
    strict = True


class _Scope(dict):
    undefined = Undefined

    def __missing__(self, name):
        return self.undefined(name)


class _Attributes(ast.NodeTransformer):
    """x.name and x[name] look for an attribute and for an item."""

    def visit_Attribute(self, node):
        self.generic_visit(node)
        return ast.Call(ast.Name("_get", ast.Load()), [node.value, ast.Constant(node.attr)], [])


def _get(value, name):
    try:
        return value[name]
    except (TypeError, KeyError, IndexError, AttributeError):
        return getattr(value, name, Undefined(name))


_FILTERS = {
    "default": lambda v, d="", *_: d if isinstance(v, Undefined) else v,
    "sort": lambda v, *_, **__: sorted(v), "list": list, "join": lambda v, by="", *_: by.join(map(str, v)), "length": len, "int": int, "string": str,
    "lower": lambda v: str(v).lower(), "upper": lambda v: str(v).upper(), "trim": lambda v: str(v).strip(), "replace": lambda v, a, b: str(v).replace(a, b),
    "first": lambda v: next(iter(v)), "last": lambda v: list(v)[-1], "unique": lambda v: list(dict.fromkeys(v)), "safe": str, "e": str, "escape": str,
    "items": lambda v: v.items(), "dictsort": lambda v: sorted(v.items()), "indent": lambda v, n=4, *_, **__: str(v).replace("\n", "\n" + " " * n),
    "quote": lambda v: "'" + str(v).replace("'", "'\\''") + "'", "capitalize": lambda v: str(v).capitalize(), "map": lambda v, *_, attribute=None: [_get(x, attribute) for x in v],
}
_FILTERS["d"], _FILTERS["count"] = _FILTERS["default"], len


def _tojson(value, indent=None, **_):
    import json

    return json.dumps(value, indent=indent)


_FILTERS["tojson"] = _tojson


def _split(text, sign):
    """The parts between a sign that stands outside of quotes and brackets."""
    parts, depth, quote = [""], 0, ""
    for c in text:
        if quote:
            quote = "" if c == quote else quote
        elif c in "\"'":
            quote = c
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == sign and not depth:
            parts.append("")
            continue
        parts[-1] += c
    return parts


def _value(text, scope, filters):
    text = re.sub(r"([\w.\[\]'\"]+) is (not )?(defined|none|undefined)\b",
                  lambda m: f"({'not ' if bool(m[2]) != (m[3] == 'undefined') else ''}_{'none' if m[3] == 'none' else 'defined'}({m[1]}))", text)
    head, *rest = _split(text.replace(" ~ ", " + "), "|")
    tree = ast.fix_missing_locations(_Attributes().visit(ast.parse(head.strip(), mode="eval")))
    names = {"_get": _get, "_defined": lambda v: not isinstance(v, Undefined), "_none": lambda v: v is None, "true": True, "false": False, "none": None, "range": range, "dict": dict}
    for name in names:
        scope.setdefault(name, names[name])
    value = eval(compile(tree, "template", "eval"), {"__builtins__": {}}, scope)
    for part in rest:
        name, bracket, arguments = part.strip().partition("(")
        arguments, after, tail = arguments.rpartition(")")
        if name.strip() not in filters:
            name, _, tail = part.strip().partition(" ")
            arguments = ""
        found = filters.get(name.strip())
        if found is None:
            raise TemplateError(f"no filter named {name!r}")
        positional, named = [], {}
        for argument in filter(None, (a.strip() for a in _split(arguments, ","))):
            key = re.match(r"(\w+)\s*=(?!=)", argument)
            if key:
                named[key[1]] = _value(argument[key.end():], scope, filters)
            else:
                positional.append(_value(argument, scope, filters))
        value = found(value, *positional, **named)
        if tail.strip():
            value = _value("_it " + tail, _Scope(scope, _it=value), filters)
    return value


class Template:
    def __init__(self, source, environment=None):
        self.environment = environment or Environment()
        self.parts = []
        trim = ""
        for token in _TOKEN.split(source):
            raw = re.match(r"\{%-?\s*raw\s*-?%\}(.*?)\{%-?\s*endraw\s*-?%\}\Z", token, re.DOTALL)
            kind = token[:2] if token[:2] in ("{#", "{%", "{{") and not raw else ""
            if not kind:
                text = raw[1] if raw else token
                text = text.lstrip() if trim == "-" else text[1:] if trim == "line" and text.startswith("\n") else text
                self.parts.append(("text", text))
                trim = ""
                continue
            last = len(self.parts) - 1
            if token[2] == "-" and last >= 0 and self.parts[last][0] == "text":
                self.parts[last] = ("text", self.parts[last][1].rstrip())
            elif kind != "{{" and self.environment.lstrip_blocks and last >= 0 and self.parts[last][0] == "text":
                self.parts[last] = ("text", re.sub(r"(^|\n)[ \t]+\Z", r"\1", self.parts[last][1]))
            trim = "-" if token[-3] == "-" else "line" if kind != "{{" and self.environment.trim_blocks else ""
            self.parts.append((kind, token[2:-2].strip("-+").strip()))

    def render(self, *args, **variables):
        scope = _Scope(self.environment.globals)
        scope.undefined = self.environment.undefined
        scope.update(dict(*args, **variables))
        out, _ = self._run(0, scope, True)
        text = "".join(out)
        return text[:-1] if text.endswith("\n") and not self.environment.keep_trailing_newline else text

    def _run(self, at, scope, live):
        out, filters = [], self.environment.filters
        while at < len(self.parts):
            kind, body = self.parts[at]
            word, _, rest = body.partition(" ") if kind == "{%" else ("", "", "")
            if word in ("endfor", "endif", "else", "elif"):
                return out, at
            at += 1
            if kind == "text":
                out.append(body)
            elif kind == "{{" and live:
                out.append(str(_value(body, scope, filters)))
            elif word == "set" and live:
                names, _, expression = rest.partition("=")
                scope[names.strip()] = _value(expression, scope, filters)
            elif word == "include" and live:
                out.append(self.environment.get_template(_value(rest, scope, filters)).render(scope))
            elif word == "for":
                part, at = self._loop(rest, at, scope, live)
                out += part
            elif word == "if":
                done, test = False, rest
                while True:
                    take = live and not done and (test is None or bool(_value(test, scope, filters)))
                    part, at = self._run(at, scope, take)
                    out += part if take else []
                    done = done or take
                    word, _, test = self.parts[at][1].partition(" ")
                    at += 1
                    if word == "endif":
                        break
                    test = test if word == "elif" else None
        return out if live else [], at

    def _loop(self, head, at, scope, live):
        names, _, expression = head.partition(" in ")
        expression, _, test = expression.partition(" if ")
        names, out, start = [n.strip() for n in names.split(",")], [], at
        items = list(_value(expression, scope, self.environment.filters)) if live else []
        _, at = self._run(start, scope, False)
        for i, item in enumerate(items):
            inner = _Scope(scope)
            inner.undefined = scope.undefined
            inner.update(zip(names, item) if len(names) > 1 else {names[0]: item})
            inner["loop"] = {"index": i + 1, "index0": i, "first": i == 0, "last": i == len(items) - 1, "length": len(items)}
            if not test or _value(test, inner, self.environment.filters):
                out += self._run(start, inner, True)[0]
        if self.parts[at][1].startswith("else"):
            part, at = self._run(at + 1, scope, live and not items)
            out += part
        return out, at + 1


class Environment:
    def __init__(self, loader=None, undefined=Undefined, trim_blocks=False, lstrip_blocks=False, keep_trailing_newline=False, **_):
        self.loader, self.undefined = loader, undefined
        self.trim_blocks, self.lstrip_blocks, self.keep_trailing_newline = trim_blocks, lstrip_blocks, keep_trailing_newline
        self.filters, self.globals = dict(_FILTERS), {}

    def from_string(self, source):
        return Template(source, self)

    def get_template(self, name):
        return Template(self.loader.read(name), self)


class FileSystemLoader:
    def __init__(self, searchpath, **_):
        self.searchpath = [searchpath] if isinstance(searchpath, (str, os.PathLike)) else list(searchpath)

    def read(self, name):
        for place in self.searchpath:
            path = os.path.join(str(place), name)
            if os.path.isfile(path):
                with open(path, encoding="utf-8") as stream:
                    return stream.read()
        raise TemplateNotFound(name)


class PackageLoader(FileSystemLoader):
    def __init__(self, package, path="templates", **_):
        import importlib

        super().__init__(os.path.join(os.path.dirname(importlib.import_module(package).__file__), path))


class DictLoader:
    def __init__(self, mapping):
        self.mapping = mapping

    def read(self, name):
        return self.mapping[name]


def select_autoescape(*_, **__):
    return False


BaseLoader = object
