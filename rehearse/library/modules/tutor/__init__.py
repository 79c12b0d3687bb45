"""Stands in for the library of Tutor in a rehearsal, as long as the tools container installs it. Settings are those of config.yml; all else is silent."""
import importlib.abc
import importlib.machinery
import os
import sys
import types

__version__ = "14.2.2"


class TutorError(Exception):
    pass


class _Silent(str):
    """Is called, asked for anything and looked through, and says nothing: an empty text, as what is rendered."""

    def __new__(cls, *_, **__):
        return super().__new__(cls)

    def __call__(self, *args, **_):
        return args[0] if args and isinstance(args[0], str) else _Silent()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _Silent()

    def __iter__(self):
        return iter(())

    def __getitem__(self, _):
        return _Silent()

    def __fspath__(self):
        return ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


def _settings(root, **_):
    values = {}
    try:
        with open(os.path.join(str(root), "config.yml"), encoding="utf-8") as stream:
            for line in stream:
                key, colon, value = line.partition(":")
                if colon and key.isidentifier() and value.strip():
                    values[key] = value.strip().strip("\"'")
    except OSError:
        pass
    return values


class _Module(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name.endswith("Error"):
            return TutorError
        if self.__name__ == "tutor.config" and name.startswith("load"):
            return _settings
        return _Silent()


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, fullname, path=None, target=None):
        if fullname.startswith("tutor."):
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec):
        return _Module(spec.name)

    def exec_module(self, module):
        pass


sys.meta_path.append(_Finder())
