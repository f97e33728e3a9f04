// Run kzt_rates in Pyodide, a CPython compiled to WebAssembly: `nox -s browser` calls this with
// the folder of npm's packages, the wheel, the folder of other wheels, and pytest's arguments.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [packages, wheel, folder, ...words] = process.argv.slice(2).map((word, number) =>
  number < 3 ? resolve(word) : word,
);
const here = dirname(fileURLToPath(import.meta.url));
const found = createRequire(join(packages, "package.json")).resolve("pyodide/pyodide.mjs");
const { loadPyodide } = await import(pathToFileURL(found));

const python = await loadPyodide();
const install = (wheels) => python.loadPackage(wheels, { messageCallback: () => {} });
const wheels = readdirSync(folder).filter((name) => name.endsWith(".whl"));
const models = /^(pydantic|annotated_types|typing_)/;
const run = (name) => python.runPythonAsync(readFileSync(join(here, name), "utf8"), { filename: name });

// An error that node prints itself begins with all of Pyodide's source, in one line.
try {
  await install([wheel]);
  await run("alone.py");
  await install(wheels.filter((name) => models.test(name)).map((name) => join(folder, name)));
  await run("with_models.py");
  await install(wheels.filter((name) => !models.test(name)).map((name) => join(folder, name)));
  python.FS.mkdir("/project");
  python.FS.mount(python.FS.filesystems.NODEFS, { root: resolve(here, "..", "..") }, "/project");
  python.globals.set("words", python.toPy(words));
  process.exitCode = await run("suite.py");
} catch (error) {
  console.error(String(error.message ?? error));
  process.exitCode = 1;
}
