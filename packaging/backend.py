"""Make the wheels and the source archive of grove-migrate, for dist.sh and, as pyproject.toml says, for pip.

A wheel holds the program and no Python. From the sources pip builds it with Go, where there is no wheel for the machine.
"""
import base64
import gzip
import hashlib
import io
import os
import pathlib
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import time
import zipfile

TOP = pathlib.Path(__file__).resolve().parent.parent
NAME = "grove_migrate"
# A static program needs no C library: neither the oldest glibc that wheels can name for both machines, nor musl.
STATIC = "manylinux2014_{0}.manylinux_2_17_{0}.musllinux_1_1_{0}"


def version():
    text = (TOP / "cmd/grove-migrate/version.go").read_text("utf-8")
    return re.search(r'^const version = "(.*)"$', text, re.M).group(1)


def metadata():
    readme = (TOP / "README.md").read_text("utf-8")
    return f"""\
Metadata-Version: 2.4
Name: grove-migrate
Version: {version()}
Summary: Move a Grove workspace to one Python environment per instance
License-Expression: AGPL-3.0-only
License-File: LICENSE
Project-URL: Source, https://gitlab.com/opencraft/dev/grove-migrate
Classifier: Environment :: Console
Classifier: Operating System :: POSIX :: Linux
Requires-Python: >=3.6
Description-Content-Type: text/markdown

{readme}"""


def write_wheel(program, platform, licences, directory):
    """Write the wheel of a program; equal arguments give equal bytes. Return its name."""
    info = f"{NAME}-{version()}.dist-info"
    wheel = f"Wheel-Version: 1.0\nGenerator: grove-migrate\nRoot-Is-Purelib: false\n"
    wheel += "".join(f"Tag: py3-none-{tag}\n" for tag in platform.split("."))
    files = [(f"{NAME}-{version()}.data/scripts/grove-migrate", pathlib.Path(program).read_bytes(), 0o755)]
    files += [(f"{info}/licenses/{f.name}", f.read_bytes(), 0o644) for f in sorted(licences)]
    extra = "".join(f"License-File: {f.name}\n" for f in sorted(licences) if f.name != "LICENSE")
    about = metadata().replace("License-File: LICENSE\n", "License-File: LICENSE\n" + extra)
    files += [(f"{info}/METADATA", about.encode(), 0o644), (f"{info}/WHEEL", wheel.encode(), 0o644)]
    record = "".join(f"{name},sha256={digest(data)},{len(data)}\n" for name, data, _ in files)
    files.append((f"{info}/RECORD", f"{record}{info}/RECORD,,\n".encode(), 0o644))
    name = f"{NAME}-{version()}-py3-none-{platform}.whl"
    when = time.gmtime(max(int(os.environ.get("SOURCE_DATE_EPOCH", 0)), 315532800))[:6]  # no zip is older than 1980
    with zipfile.ZipFile(pathlib.Path(directory) / name, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path, data, mode in files:
            entry = zipfile.ZipInfo(path, when)
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return name


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Build the program for this machine with Go: the hook that pip calls."""
    if sys.platform not in ("linux", "darwin"):
        sys.exit(f"grove-migrate does not run on {sys.platform}: it needs Linux or macOS")
    missing = [needed for needed, programs in
               {"Go 1.26": ["go"], "a C compiler": ["cc", "gcc", "clang"], "a C++ compiler": ["c++", "g++", "clang++"]}.items()
               if not any(map(shutil.which, programs))]
    if missing:
        sys.exit(f"grove-migrate: there is no wheel for {sysconfig.get_platform()} here, and to build one {' and '.join(missing)} "
                 "must be installed. A release has wheels for Linux on x86_64 and aarch64; elsewhere install these first.")
    with tempfile.TemporaryDirectory() as work:
        program = os.path.join(work, "grove-migrate")
        subprocess.run(["go", "build", "-o", program, "./cmd/grove-migrate"], cwd=TOP, check=True)
        tag = re.sub(r"[^0-9A-Za-z_]", "_", sysconfig.get_platform())
        return write_wheel(program, tag, [TOP / "LICENSE"], wheel_directory)


def build_sdist(sdist_directory, config_settings=None):
    """Write the archive of the committed sources; equal commits give equal bytes."""
    stem = f"{NAME}-{version()}"
    sources = subprocess.run(["git", "archive", "--format=tar", f"--prefix={stem}/", "HEAD"], cwd=TOP, check=True, stdout=subprocess.PIPE).stdout
    when = int(subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=TOP, check=True, stdout=subprocess.PIPE).stdout)
    packed = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(sources)) as given, tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as out:
        for member in given:
            member.pax_headers = {}
            out.addfile(member, given.extractfile(member) if member.isfile() else None)
        about = tarfile.TarInfo(f"{stem}/PKG-INFO")
        about.size, about.mtime, about.mode = len(metadata().encode()), when, 0o644
        out.addfile(about, io.BytesIO(metadata().encode()))
    with open(pathlib.Path(sdist_directory) / f"{stem}.tar.gz", "wb") as file, gzip.GzipFile("", "wb", 9, file, when) as archive:
        archive.write(packed.getvalue())
    return f"{stem}.tar.gz"


def main(command, *arguments):
    if command == "wheel":
        program, machine, licences, directory = arguments
        write_wheel(program, STATIC.format(machine), list(pathlib.Path(licences).iterdir()), directory)
    elif command == "sdist":
        build_sdist(*arguments)
    else:
        sys.exit(f"expected wheel or sdist, got {command!r}")


if __name__ == "__main__":
    main(*sys.argv[1:])
