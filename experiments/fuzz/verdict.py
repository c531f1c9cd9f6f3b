"""Runs a tool on an input under limits, and says what is wrong with how it ended."""
import os
import re
import resource
import select
import signal
import time

SECONDS_MAX = 20
ADDRESS_BYTES_MAX = 4 << 30
OUTPUT_BYTES_MAX = 64 << 20
EXIT_CODES = {0, 1, 64, 65, 66, 69, 73, 74, 130}
LINE = re.compile(rb"(scalemodel|analyze): (error|warning): .+")
TRACE = re.compile(rb"Fatal error|Stack dump|Crashed|backtrace|Precondition|Sanitizer|Traceback")
LINES_MAX = 200


def limit_this_process():
    """Bounds memory, output files and core dumps of this process and those it starts."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_BYTES_MAX, ADDRESS_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES_MAX, OUTPUT_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The limit would end the tool by a signal; a tool ignores it, and says that there is no room.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


class Ending:
    """How a tool ended: its exit code (negative: a signal; None: too late), and what it said."""

    def __init__(self, code, error, seconds):
        self.code, self.error, self.seconds = code, error, seconds


def run(command, directory, seconds_max=SECONDS_MAX):
    """Runs a command in a directory, to its end or until it takes too long."""
    error_path = os.path.join(directory, ".stderr")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.path.join(directory, ".stdout"), flags, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, error_path, flags, 0o600),
    ]
    environment = {"PATH": os.environ.get("PATH", ""), "SWIFT_BACKTRACE": "enable=no"}
    began = time.monotonic()
    process = os.posix_spawn(
        command[0], command, environment, file_actions=actions,
        setsigdef=[signal.SIGXFSZ, signal.SIGPIPE])
    handle = os.pidfd_open(process)
    try:
        poller = select.poll()
        poller.register(handle, select.POLLIN)
        is_late = not poller.poll(seconds_max * 1000)
        if is_late:
            os.kill(process, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    finally:
        os.close(handle)
    with open(error_path, "rb") as file:
        error = file.read(1 << 20)
    return Ending(None if is_late else code, error, time.monotonic() - began)


NOTE = re.compile(rb"(?!scalemodel|analyze)[a-z0-9].+")


class Manners:
    """What a command may say besides one error line at a failure and any number of warnings.

    - checks: Exit code 1 may come without an error: the verdicts of checks are on stdout.
    - notes: Lines that are neither errors nor warnings: an import tells what the logs lack.
    - many: Several errors: a script goes on behind a line that is refused.
    """

    def __init__(self, checks=False, notes=False, many=False):
        self.checks, self.notes, self.many = checks, notes, many


def problem(ending, manners=Manners()):
    """What is wrong with how a tool ended; None when all is well."""
    if ending.code is None:
        return f"it did not end within {SECONDS_MAX} s"
    if ending.code < 0:
        return f"it died of signal {-ending.code} ({signal.Signals(-ending.code).name})"
    if TRACE.search(ending.error):
        return "it trapped"
    if ending.code not in EXIT_CODES:
        return f"exit code {ending.code} is not documented"
    if ending.error and not ending.error.endswith(b"\n"):
        return "its last line on stderr is cut"
    lines = ending.error.split(b"\n")[:-1]
    if len(lines) > LINES_MAX:
        return f"it said {len(lines)} lines on stderr"
    errors = 0
    for line in lines:
        if any(byte < 32 or byte == 127 for byte in line):
            return f"a line on stderr has a control character: {line[:120]!r}"
        match = LINE.fullmatch(line)
        if not match and not (manners.notes and NOTE.fullmatch(line)):
            return f"a line on stderr is neither error nor warning: {line[:120]!r}"
        errors += match is not None and match[2] == b"error"
    if ending.code in (0, 130):
        return f"exit code {ending.code} with {errors} errors on stderr" if errors else None
    is_silent = errors == 0 and not (manners.checks and ending.code == 1)
    if is_silent or errors > 1 and not manners.many:
        return f"exit code {ending.code} with {errors} errors on stderr"
    return None
