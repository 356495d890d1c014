"""Imports every module that the wheel brings: none needs the checkout."""

import sys
from importlib import import_module
from importlib.metadata import files

for path in files("playbook3d-client") or ():
    if path.suffix == ".py":
        import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
print(sum(name.startswith("playbook3d_") for name in sys.modules), "modules")
