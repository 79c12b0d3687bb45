"""wheel.py VERSION: make wheels/tutor-VERSION-py3-none-any.whl, whose program says its version."""
import base64
import hashlib
import os
import sys
import zipfile

version = sys.argv[1]
info = f"tutor-{version}.dist-info/"
files = {
    "tutor.py": f"def main():\n    print('tutor, version {version}')\n",
    info + "METADATA": f"Metadata-Version: 2.1\nName: tutor\nVersion: {version}\n",
    info + "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    info + "entry_points.txt": "[console_scripts]\ntutor = tutor:main\n",
}
digests = {name: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode() for name, text in files.items()}
files[info + "RECORD"] = "".join(f"{name},sha256={digests[name]},{len(text)}\n" for name, text in files.items()) + info + "RECORD,,\n"
os.makedirs("wheels", exist_ok=True)
with zipfile.ZipFile(f"wheels/tutor-{version}-py3-none-any.whl", "w") as archive:
    for name, text in files.items():
        archive.writestr(name, text)
