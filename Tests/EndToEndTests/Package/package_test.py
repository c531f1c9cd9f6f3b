#!/usr/bin/env python3
"""The library as another package meets it: by its products, its examples and its documentation.

    package_test.py          needs swift; docc for the pages, which are skipped without it

Every Swift example of the README and of the documentation's articles becomes a program of a package
that depends on this one by its path. What a line prints is in the comment at its end.
"""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
MODULES = ["LogicalTime", "Snapshots", "ScaleModel"]
ARTICLES = {name: ROOT / f"Sources/Model/{name}/{name}.docc/{name}.md" for name in MODULES}
PAGES = {"Readme": ROOT / "README.md", **{f"{name}Article": path for name, path in ARTICLES.items()}}


def call(words, **more):
    done = subprocess.run(words, capture_output=True, text=True, timeout=1800, **more)
    if done.returncode != 0:
        raise AssertionError(f"{words}: {done.returncode}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout


class PackageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="scalemodel-package-")
        cls.here = pathlib.Path(cls.folder.name)
        # The folder's name is the identity by which targets name a package that is there by its path.
        (cls.here / "scalemodel").symlink_to(ROOT)
        cls.package = cls.here / "outside"
        readme = (ROOT / "README.md").read_text()
        dependency = re.search(r'\.package\(path: "[^"]*"\)', readme).group(0)
        products = re.findall(r'\.product\(name: "\w+", package: "scalemodel"\)', readme)
        product = re.sub(r'"\w+"', '"{}"', products[0], count=1)
        every = ", ".join(product.format(name) for name in MODULES)
        targets = ", ".join(
            f'.executableTarget(name: "{name}", dependencies: [{every}])' for name in PAGES)
        (cls.package / "Sources").mkdir(parents=True)
        (cls.package / "Package.swift").write_text(
            "// swift-tools-version: 6.1\nimport PackageDescription\n"
            'let package = Package(name: "outside", platforms: [.macOS(.v15)], '
            f"dependencies: [{dependency}], targets: [{targets}])\n")
        cls.printed = {}
        for name, page in PAGES.items():
            blocks = re.findall(r"```swift\n(.*?)```", page.read_text(), re.DOTALL)
            program = next(block for block in blocks if "import " in block)
            (cls.package / "Sources" / name).mkdir()
            (cls.package / "Sources" / name / "main.swift").write_text(program)
            cls.printed[name] = re.findall(r"(?m)^print\(.*\) +// (.*)$", program)
        call(["swift", "build"], cwd=cls.package)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_examples(self):
        """Every example compiles against the products, and prints what it says."""
        for name, printed in self.printed.items():
            with self.subTest(name=name):
                self.assertGreater(len(printed), 1)
                output = call([str(self.package / ".build/debug" / name)])
                self.assertEqual(output.splitlines(), printed)

    def test_documentation(self):
        """Every link in an article and in a public comment leads somewhere.

        `swift package dump-symbol-graph` would build all targets, with the tools and tests; the
        extraction that it calls is called here for the documented modules alone.
        """
        if not shutil.which("docc"):
            self.skipTest("docc is not in this toolchain")
        target = re.search(r'"unversionedTriple" *: *"([^"]+)"', call(
            ["swift", "-print-target-info"])).group(1)
        modules = self.package / ".build/debug/Modules"
        for name in MODULES:
            with self.subTest(name=name):
                graphs, page = self.here / f"{name}-graphs", self.here / f"{name}.doccarchive"
                graphs.mkdir()
                call(["swift", "symbolgraph-extract", "-module-name", name, "-I", str(modules),
                      "-target", target, "-minimum-access-level", "public", "-output-dir",
                      str(graphs)])
                call(["docc", "convert", str(ARTICLES[name].parent), "--fallback-display-name", name,
                      "--fallback-bundle-identifier", name, "--additional-symbol-graph-dir",
                      str(graphs), "--output-path", str(page), "--warnings-as-errors"])
                self.assertTrue((page / "data/documentation" / f"{name.lower()}.json").exists())

    def test_index_lists_the_documented_targets(self):
        text = (ROOT / ".spi.yml").read_text()
        listed = re.search(r"documentation_targets: \[(.*)\]", text).group(1)
        self.assertEqual([name.strip() for name in listed.split(",")], MODULES)


if __name__ == "__main__":
    unittest.main()
