# Run by the Python of an environment, of any version from 3.6 on: does it hold what was asked for, and can it be imported?
# The words of the command line are the question, as JSON, and the mark that stands before and after the answer.
import importlib, importlib.util, json, os, re, sys, sysconfig

question, mark = json.loads(sys.argv[1]), sys.argv[2]
sys.argv[1:] = []
faults = []


def fault(code, text):
    faults.append({"code": code, "text": text})


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def packages():
    found = {}
    for meta in sorted(os.listdir(site)):
        base, end = os.path.splitext(meta)
        for name in ("METADATA", "PKG-INFO"):
            path = os.path.join(site, meta, name)
            if end in (".dist-info", ".egg-info") and os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as f:
                    head = f.read().split("\n\n")[0]
                fields = re.findall(r"^(Name|Version|Requires-Dist|Provides-Extra):\s*(.*?)\s*$", head, re.M)
                one = dict(fields)
                one["requires"] = [value for key, value in fields if key == "Requires-Dist"]
                one["extras"] = [value for key, value in fields if key == "Provides-Extra"]
                if "Name" in one and "Version" in one:
                    found[canonical(one["Name"])] = one
    return found


def compare():
    # pip is always there, and so is what it reads requirements with.
    from pip._vendor.packaging.requirements import InvalidRequirement, Requirement

    have, extras, seen = packages(), {}, set()
    todo = [(text, place, "") for text, place in question["requirements"]]
    todo += [(text, one["Name"], "") for one in have.values() for text in one["requires"]]
    while todo:
        text, place, extra = todo.pop(0)
        if (text, place, extra) in seen:
            continue
        seen.add((text, place, extra))
        try:
            wanted = Requirement(text)
        except InvalidRequirement:
            continue  # what the installer could read, or did not look at
        if wanted.marker and not wanted.marker.evaluate({"extra": extra}):
            continue
        plain = re.sub(r"\s*;.*", "", text)
        one = have.get(canonical(wanted.name))
        if one is None:
            fault("requirement-unmet", "%s asks for %s, and it is not installed" % (place, plain))
        elif not wanted.specifier.contains(one["Version"], prereleases=True):
            fault("requirement-unmet", "%s asks for %s, and %s is installed" % (place, plain, one["Version"]))
        else:
            # An extra that a package does not have is a warning to every installer.
            asked = set(map(canonical, wanted.extras))
            todo += [(t, one["Name"], e) for e in one["extras"] if canonical(e) in asked for t in one["requires"]]


def entry_points():
    group = ""
    for meta in sorted(os.listdir(site)):
        path = os.path.join(site, meta, "entry_points.txt")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                for line in f:
                    line = line.strip()
                    if line.startswith("["):
                        group = line.strip("[]")
                    elif "=" in line and line[0] not in "#;":
                        name, target = line.split("=", 1)
                        yield group, name.strip(), target.split("[")[0].strip()


def load(what, do):
    print("importing", what, file=sys.stderr)
    sys.stderr.flush()
    try:
        do()
    except BaseException as e:
        fault("import-fails", "%s cannot be imported: %s: %s" % (what, type(e).__name__, str(e).split("\n")[0]))


def load_entry(target):
    module, _, names = target.partition(":")
    found = importlib.import_module(module.strip())
    for name in names.split(".") if names else []:
        found = getattr(found, name.strip())


def load_file(path):
    spec = importlib.util.spec_from_file_location("tutor.plugin." + os.path.basename(path)[:-3], path)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


site = sysconfig.get_path("purelib")
compare()
for group, name, target in list(entry_points()):
    if (group, name) == ("console_scripts", "tutor"):
        load("tutor", lambda: load_entry(target))
    elif group in ("tutor.plugin.v1", "tutor.plugin.v0") and name in question["plugins"]:
        load("the plugin " + name, lambda: load_entry(target))
for path in question["files"]:
    load("the plugin " + path, lambda: load_file(path))
print(mark + json.dumps(faults) + mark)
sys.stdout.flush()
os._exit(0)  # whatever a plugin has started
