"""`kzt-rates completion`: scripts that complete commands, options and codes in a shell.

They are made of the parser and the table of currencies, so that a script knows what the version
that printed it does; nothing is run while one types.
"""

import argparse

from kzt_rates.cli.options import Command
from kzt_rates.cli.terminal import PROGRAM, write_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# What takes a file: options, and the arguments by their names in the usage line.
FILES = ("--output", "--plot", "--pairs")
FILE_ARGUMENTS = ("FROM", "TO")
# What takes a currency; the option takes several.
OF_CODES = ("--currency",)
CODE_ARGUMENT = "BASE"

NOTES = """\
examples:
  eval "$(kzt-rates completion bash)"         in ~/.bashrc
  eval "$(kzt-rates completion zsh)"          in ~/.zshrc, after compinit
  kzt-rates completion fish | source          in ~/.config/fish/config.fish"""

BASH = """\
# bash completion of {program}; made by "{program} completion bash"
_kzt_rates() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
    local command= words= word option=
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case "$word" in --*) option=$word ;; esac
        case "$command $word" in
{commands}
        esac
    done
    case "$option $current" in
{several} before=$option ;;
    esac
    COMPREPLY=()
    case "$command:$before:$current" in
{files})
        compopt -o default 2>/dev/null || COMPREPLY=($(compgen -f -- "$current"))
        return ;;
    esac
    case "$command $before" in
{values}
    *)
        case "$command" in
{words}
        esac ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    if [[ ${{#COMPREPLY[@]}} -eq 0 && $current == [a-z]* ]]; then
        COMPREPLY=($(compgen -W "$words" -- "$(tr a-z A-Z <<< "$current")"))
    fi
}}
complete -F _kzt_rates {program}
"""

ZSH = """\
#compdef {program}
# zsh completion of {program}; made by "{program} completion zsh"
_kzt_rates() {{
    local before=${{words[CURRENT-1]}} current=${{words[CURRENT]}} command= word option=
    local -a found
    for word in ${{words[2,CURRENT-1]}}; do
        case "$word" in --*) option=$word ;; esac
        case "$command $word" in
{commands}
        esac
    done
    case "$option $current" in
{several} before=$option ;;
    esac
    case "$command:$before:$current" in
{files}) _files; return ;;
    esac
    case "$command $before" in
{values}
    *)
        case "$command" in
{words}
        esac ;;
    esac
    compadd -M 'm:{{a-z}}={{A-Z}}' -- $found
}}
if [[ $funcstack[1] == _kzt_rates ]]; then
    _kzt_rates
else
    compdef _kzt_rates {program}
fi
"""


class Completion:
    """A command as a completion knows it: its words, and what may follow its options."""

    def __init__(self, path: str, parser: argparse.ArgumentParser, codes: list[str]) -> None:
        self.path, self.codes = path, codes
        self.takes_files = False
        self.parts: dict[str, str] = {}
        self.options: dict[str, str] = {}
        self.values: dict[str, list[str]] = {}
        self.words: list[str] = []
        for action in parser._actions:  # noqa: SLF001  # argparse has no other list of them
            if action.help == argparse.SUPPRESS:
                continue
            choices = [str(choice) for choice in action.choices or ()]
            if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
                self.parts = {part.dest: part.help or "" for part in action._choices_actions}  # noqa: SLF001
                self.words += choices
            elif action.option_strings:
                self._add_option(action, choices)
            else:
                self.words += choices
                self.words += codes if action.metavar == CODE_ARGUMENT else ()
                self.takes_files |= action.metavar in FILE_ARGUMENTS

    def _add_option(self, action: argparse.Action, choices: list[str]) -> None:
        for name in action.option_strings:
            if not name.startswith("--"):
                continue
            self.options[name] = action.help or ""
            if name in OF_CODES:
                self.values[name] = self.codes
            elif action.nargs != 0 and name not in FILES:
                self.values[name] = choices


def run(options: argparse.Namespace) -> None:
    """Print the script for a shell."""
    from kzt_rates.cli.parser import make_parser
    from kzt_rates.currency import FACTS
    from kzt_rates.figures import KZT

    commands = list(_commands("", make_parser(), sorted({KZT, *FACTS})))
    made = _fish(commands) if options.shell == "fish" else _script(options.shell, commands)
    write_out(made.removesuffix("\n"))


def _commands(
    path: str, parser: argparse.ArgumentParser, codes: list[str]
) -> "Iterator[Completion]":
    yield Completion(path, parser, codes)
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for name, child in action.choices.items():
                yield from _commands(f"{path} {name}".strip(), child, codes)


def _script(shell: str, commands: "list[Completion]") -> str:
    """Return the script of bash or of zsh, which differ in how they take the words."""
    form, given = (BASH, '"{}"') if shell == "bash" else (ZSH, "({})")
    variable = "words" if shell == "bash" else "found"

    def lines(indent: int, rows: "list[tuple[str, list[str]]]") -> str:
        return "\n".join(
            f"{' ' * indent}'{key}') {variable}={given.format(' '.join(words))} ;;"
            for key, words in rows
        )

    steps = [
        f"{' ' * 8}'{command.path} {part}') command='{f'{command.path} {part}'.strip()}' ;;"
        for command in commands
        for part in command.parts
    ]
    values = [
        (f"{command.path} {option}", words)
        for command in commands
        for option, words in command.values.items()
    ]
    files = [f"*:{option}:*" for option in FILES]
    files += [
        f"'{command.path}':*:[!-]*|'{command.path}':*:"
        for command in commands
        if command.takes_files
    ]
    return form.format(
        program=PROGRAM,
        commands="\n".join(steps),
        files="    " + "|".join(files),
        several="    " + "|".join(f"'{option} '|'{option} '[!-]*" for option in OF_CODES) + ")",
        values=lines(4, values),
        words=lines(
            8, [(command.path, [*command.words, *command.options]) for command in commands]
        ),
    )


def _fish(commands: "list[Completion]") -> str:
    lines = [f'# fish completion of {PROGRAM}; made by "{PROGRAM} completion fish"']
    lines.append(f"complete -c {PROGRAM} -f")
    for command in commands:
        names = command.path.split()
        seen = [f"__fish_seen_subcommand_from {name}" for name in names]
        if command.parts:
            unseen = f"not __fish_seen_subcommand_from {' '.join(command.parts)}"
            when = _quoted("; and ".join([*seen, unseen]))
            lines += [
                f"complete -c {PROGRAM} -n {when} -a {part} -d {_quoted(about)}"
                for part, about in command.parts.items()
            ]
        when = f" -n {_quoted('; and '.join(seen))}" if seen else ""
        if command.takes_files:
            lines.append(f"complete -c {PROGRAM}{when} -F")
        for option in OF_CODES:
            if option in command.values:
                after = _quoted("; and ".join([*seen, f"__fish_contains_opt {option[2:]}"]))
                codes = _quoted(" ".join(command.codes))
                lines.append(f"complete -c {PROGRAM} -n {after} -a {codes}")
        words = [word for word in command.words if word not in command.parts]
        if words:
            lines.append(f"complete -c {PROGRAM}{when} -a {_quoted(' '.join(words))}")
        for option, about in command.options.items():
            value = " -r -F" if option in FILES else ""
            if option in command.values:
                value = f" -x -a {_quoted(' '.join(command.values[option]))}"
            name = option.removeprefix("--")
            lines.append(f"complete -c {PROGRAM}{when} -l {name}{value} -d {_quoted(about)}")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    shown = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{shown}'"


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "shell", choices=("bash", "zsh", "fish"), metavar="SHELL", help="bash, zsh or fish"
    )


COMMANDS = (
    Command(
        "completion",
        run,
        usage="bash | zsh | fish",
        notes=NOTES,
        add=_add,
        settings=(),
    ),
)
