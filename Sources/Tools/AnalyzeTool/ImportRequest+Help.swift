extension ImportRequest {
  static let details = """
    Imports: with --import MAP, the arguments are logs of another implementation. Files are one run;
    a directory of logs is a run, and so is each directory in it that has logs. MAP is a JSON file
    that says what lines look like; experiments/imports has some to start from, and its README an
    example of every key. Keys:
      separator, header   fields between this text, named in a header line (true) or numbered from 1
      pattern             instead of separator: a regular expression with named groups, or several,
                          tried in order
      json                instead of separator: true when each line is a JSON object; columns are
                          paths such as to.0.1
      begin               a regular expression: an event goes from one line that it matches to the
                          next
      skip                how many lines come before the header or the first event
      otherwise           what to do with lines that are not events: "error" (default) or "skip"
      machine             {"file": EXPRESSION for the file's name}, {"column": …}, or {"name": "A"};
                          without it each file is a machine
      run                 {"file": EXPRESSION for the path}: which run a file is of
      event               {"column": …, "internal": WORDS, "send": WORDS, "sendToAll": WORDS,
                          "receive": WORDS}: a word or a list; "SEND*" or "begins": true for the
                          beginnings of words; or a column per kind: {"send": {"column": …}, …}
      time                {"column": …, "unit": s | ms | us | ns | date | time of day}, or "format"
                          in place of unit, as for strptime: "%m-%d_%H-%M-%S.%f"
      clock, queue, tick  a column: its name or number, or {"column": …, "after": LABEL}
      message             a column: the reading that the message carries
      identity            a column: what the message is called, at its send and at its receipt
      vector              a column: the vector clock, with names, or by position and "names": […]
      peer                a column: the other machine of a message; also with "names": one per
                          machine, "all": WORDS, "split": TEXT between several; or
                          {"from": …, "to": …}
      nothing             words for an absent value; of a column: {"column": …, "nothing": WORDS}
      rates               instructions a second, one per machine: a list, or {"file": EXPRESSION},
                          {"pattern": EXPRESSION for a line} or {"column": …}; with "interval": s |
                          ms | us | ns it is the time between two
      die                 sides of the die
      about               a remark of your own
    Only event (or vector) is required. --propose prints a map for the logs it is given, by their
    first lines; its key about says what is guessed and what is left out. MAP may also be the word
    shiviz, for logs in ShiViz's own format. Messages are paired with their sends by identity,
    vector clock, the reading they carry, or the order of their channel. Figures that need what the
    logs lack stay empty; without tick, ticks are counted; lateness counts from each
    machine's own first tick. A check that needs more than the logs have is vacuous, and says what
    is missing.
    """
}
