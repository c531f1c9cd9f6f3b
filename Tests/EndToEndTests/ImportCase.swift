import Testing

/// Logs of some program, a map, and the expected results.
struct ImportCase: Sendable, CustomTestStringConvertible {
  let name: String
  let map: String
  /// The logs, by their paths.
  let logs: [(path: String, text: String)]
  /// The arguments of the tool; nil for the paths of all logs.
  var arguments: [String]?
  /// The columns of the machine table that are compared.
  var columns = ["name", "events", "internal", "sends", "receives", "final_clock", "jump_mean"]
  /// The machine table, row by row.
  var rows: [String] = []
  /// Verdict lines, by their beginnings.
  var verdicts: [String] = []
  /// Required messages on standard error.
  var says: [String] = []
  /// Lines required in the ShiViz export.
  var shiviz: [String] = []

  var testDescription: String { name }
}

/// The map that most cases share, with a case's own parts.
private func sharedMap(_ pattern: String, _ more: String) -> String {
  """
  {"pattern": "\(pattern)",
   "event": {"column": "event", "internal": "INT", "send": "SEND", "receive": "RECV"},
   "clock": "clock", \(more)}
  """
}

private let ends =
  #"^(?<machine>\\w+) (?<event>INT|SEND|RECV) (?<clock>\\d+)"#
  + #"(?: (?:to|from) (?<peer>[^ ]+))?(?: carrying (?<message>\\d+))?$"#
private let endKeys =
  #""machine": {"column": "machine"}, "peer": "peer", "message": "message""#
private let namedFile = #""machine": {"file": "vm([0-9])"}"#

extension ImportCase {
  static let all = [
    bothEnds, unsentReading, readingBefore, moreReceipts, identities, everyReceipt, recipientList,
    namedVectors, vectorsByPosition, broadcastRows, fastTicks, fallingClock, ratesInNames,
    intervals, nothingWords, flags, beginnings, leftOutLines, severalLines, objects, colours,
    noMachine, onlyMachine, directories,
  ]

  private static let bothEnds = ImportCase(
    name: "both ends are named, no reading: pairs by the channel's order",
    map: sharedMap(ends, endKeys),
    logs: [
      (
        "all.log",
        """
        0 SEND 1 to 1
        1 INT 1
        1 RECV 2 from 0
        1 SEND 3 to 0
        0 RECV 4 from 1
        0 SEND 5 to 1
        1 RECV 9 from 0

        """
      )
    ],
    rows: ["0,3,0,2,1,5,2", "1,4,1,1,2,9,2.66666666667"],
    verdicts: [
      "all: clock: FAILED 'all.log', line 7: the clock reads 9; after 3, receiving 5 reads 6",
      "all: delivery: ok",
    ], says: ["3 receipts are paired with their sends by the order of their channels"],
    shiviz: [#"1 {"0":1,"1":2}"#, #"0 {"0":2,"1":3}"#, #"1 {"0":3,"1":4}"#])

  private static let unsentReading = ImportCase(
    name: "a receipt that carries what was not sent: nothing is drawn",
    map: sharedMap(ends, endKeys),
    logs: [
      (
        "all.log",
        """
        8001 INT 1
        8002 INT 1
        8003 INT 1
        8003 RECV 5 from 8001 carrying 1
        8001 SEND 2 to 8003

        """
      )
    ],
    rows: ["8001,2,1,1,0,2,1", "8002,1,1,0,0,1,", "8003,2,1,0,1,5,4"],
    verdicts: [
      "all: clock: FAILED 'all.log', line 4: the clock reads 5; after 1, receiving 1 reads 2",
      "all: delivery: FAILED 'all.log', line 4: received 1 from 8001, whose next message to 8003 "
        + "is 2",
    ], says: ["1 of 1 receipts have no send that fits"],
    shiviz: ["receive lamport=5 receive from 8001", #"8003 {"8003":2}"#])

  private static let readingBefore = ImportCase(
    name: "messages carry the reading before that of their send",
    map: sharedMap(ends, endKeys),
    logs: [
      (
        "all.log",
        """
        a SEND 1 to b
        b RECV 1 from a carrying 0
        a SEND 2 to b
        b RECV 2 from a carrying 1
        a INT 3
        a SEND 4 to b
        b RECV 4 from a carrying 3

        """
      )
    ],
    rows: ["a,4,1,3,0,4,1", "b,3,0,0,3,4,1.5"],
    verdicts: [
      "all: clock: FAILED 'all.log', line 1: the message carries 0; its send reads 1; 3 of 3 sends "
        + "carry the reading before their own", "all: delivery: ok",
    ], says: ["messages carry the reading before that of their send"],
    shiviz: [#"b {"a":1,"b":1}"#, #"b {"a":2,"b":2}"#, #"b {"a":4,"b":3}"#])

  private static let moreReceipts = ImportCase(
    name: "more receipts than sends, on clocks that go back",
    map: """
      {"separator": ",", "header": true, "machine": {"file": "machine_([0-9]+)"},
       "event": {"column": "event", "internal": "INTERNAL", "send": "SEND", "receive": "RECEIVE"},
       "time": {"column": "time", "unit": "s"}, "clock": "clock", "queue": "queue", "peer": "peer"}
      """,
    logs: [
      (
        "machine_1.csv",
        "time,event,clock,queue,peer\n1,INTERNAL,5,0,\n2,INTERNAL,3,0,\n3,SEND,9,0,2\n"
      ),
      (
        "machine_2.csv",
        "time,event,clock,queue,peer\n1,INTERNAL,1,0,\n4,RECEIVE,2,0,1\n5,RECEIVE,2,0,1\n"
      ),
    ],
    arguments: ["machine_1.csv", "machine_2.csv"],
    rows: ["1,3,2,1,0,9,2", "2,3,1,0,2,2,0.5"],
    verdicts: [
      ": clock: FAILED 'machine_1.csv', line 3: the clock reads 3; after 5 the next event reads 6",
      ": delivery: FAILED 'machine_2.csv', line 4: received 2 messages from 1, which sent 1 to 2",
    ])

  private static let identities = ImportCase(
    name: "identities of messages",
    map: """
      {"pattern": "^(?<machine>\\\\w+) (?<clock>\\\\d+) (?<event>sending|received) (?<id>\\\\S+)$",
       "machine": {"column": "machine"}, "clock": "clock", "identity": "id",
       "event": {"column": "event", "send": "sending", "receive": "received"}}
      """,
    logs: [
      (
        "all.log",
        """
        ann 1 sending hello-731
        bob 2 received hello-731
        bob 3 sending 6f1c-118
        ann 4 received 6f1c-118

        """
      )
    ],
    rows: ["ann,2,0,1,1,4,3", "bob,2,0,1,1,3,1"],
    verdicts: ["all: clock: ok", "all: delivery: ok"],
    says: ["2 receipts are paired with their sends by their identities"],
    shiviz: [#"bob {"ann":1,"bob":1}"#, #"ann {"ann":2,"bob":2}"#])

  private static let everyReceipt = ImportCase(
    name: "every receipt forgets to add one: the first in the log, and how many",
    map: sharedMap(ends, endKeys),
    logs: [
      (
        "all.log",
        """
        0 SEND 1 to 1
        1 RECV 1 from 0 carrying 1
        0 SEND 2 to 1
        1 RECV 2 from 0 carrying 2
        0 SEND 3 to 1
        1 RECV 3 from 0 carrying 3
        1 SEND 4 to 0
        0 RECV 4 from 1 carrying 4

        """
      )
    ],
    rows: ["0,4,0,3,1,4,1", "1,4,0,1,3,4,1"],
    verdicts: [
      "all: clock: FAILED 'all.log', line 2: the clock reads 1; receiving 1 reads 2; 4 of 4 "
        + "receipts read one less than the rule gives", "all: delivery: ok",
    ])

  private static let recipientList = ImportCase(
    name: "a list of recipients",
    map: sharedMap(
      #"^(?<machine>\\w) (?<event>INT|SEND|RECV) (?<clock>\\d+)"#
        + #"(?: (?:to|from) (?<peer>[a-d, ]+?))?(?: carrying (?<message>\\d+))?$"#,
      endKeys.replacing(#""peer": "peer""#, with: #""peer": {"column": "peer", "split": ", "}"#)),
    logs: [
      (
        "all.log",
        """
        a SEND 1 to b, c
        a SEND 2 to b
        b RECV 2 from a carrying 1
        c RECV 2 from a carrying 1
        d INT 1

        """
      )
    ],
    rows: ["a,2,0,2,0,2,1", "b,1,0,0,1,2,", "c,1,0,0,1,2,", "d,1,1,0,0,1,"],
    verdicts: ["all: clock: ok", "all: delivery: ok"],
    shiviz: ["send lamport=1 send 1 to b, c", #"b {"a":1,"b":1}"#, #"c {"a":1,"c":1}"#])

  private static let namedVectors = ImportCase(
    name: "vector clocks by name, and events whose kinds only they tell",
    map: """
      {"pattern": "^(?<text>.*)\\\\n(?<machine>\\\\S+) (?<vector>\\\\{.*\\\\})$",
       "machine": {"column": "machine"}, "vector": "vector"}
      """,
    logs: [
      (
        "all.log",
        """
        asks for the list
        ann {"ann":1}
        gets a question
        bob {"bob":1, "ann":1}
        answers
        bob {"bob":2, "ann":1}
        reads the answer
        ann {"ann":2, "bob":2}

        """
      )
    ],
    rows: ["ann,2,0,1,1,2,1", "bob,2,0,1,1,2,1"],
    verdicts: ["all: clock: ok", "all: delivery: ok"],
    says: ["2 receipts are paired with their sends by their vector clocks"],
    shiviz: [#"bob {"ann":1,"bob":1}"#, #"ann {"ann":2,"bob":2}"#])

  private static let vectorsByPosition = ImportCase(
    name: "vector clocks by position, one of them wrong",
    map: """
      {"separator": "|", "machine": {"column": 1}, "vector": 3,
       "event": {"column": 2, "internal": "INT", "send": "SEND", "receive": "RECV"}}
      """,
    logs: [
      (
        "all.log",
        """
        p | SEND | [1, 0, 0]
        q | INT | [0, 1, 0]
        q | RECV | [1, 2, 0]
        r | INT | [0, 0, 1]
        r | INT | [0, 1, 2]

        """
      )
    ],
    rows: ["p,1,0,1,0,1,", "q,2,1,0,1,2,1", "r,2,2,0,0,2,1"],
    verdicts: [
      "all: clock: FAILED 'all.log', line 5: the entry of q reads 1; it was 0, and no message is "
        + "received", "all: delivery: ok",
    ])

  private static let broadcastRows = ImportCase(
    name: "a send to all in two rows is one tick",
    map: """
      {"separator": ",", "header": true, "machine": {"file": "m([0-9])"},
       "event": {"column": "what", "internal": "INT", "send": "SND", "receive": "RCV"},
       "time": {"column": "t", "unit": "s"}, "clock": "lc", "queue": "q", "peer": "to",
       "rates": [1, 1, 1]}
      """,
    logs: [
      (
        "m1.csv",
        "t,what,lc,q,to\n10.0,INT,1,0,\n11.0,SND,2,0,2\n11.000004,SND,2,0,3\n12.0,SND,3,0,2\n"
          + "12.0,SND,3,0,3\n13.0,INT,4,0,\n14.0,SND,5,0,2\n14.0,SND,5,0,3\n15.0,INT,6,0,\n"
      ),
      (
        "m2.csv",
        "t,what,lc,q,to\n10.0,INT,1,0,\n11.5,RCV,3,2,1\n13.0,RCV,4,1,1\n14.5,RCV,6,0,1\n"
      ),
      (
        "m3.csv",
        "t,what,lc,q,to\n10.0,INT,1,0,\n11.5,RCV,3,2,1\n13.0,RCV,4,1,1\n14.5,RCV,6,0,1\n"
      ),
    ],
    columns: [
      "name", "events", "sends", "jump_mean", "tick_rate_error_ppm", "lateness_p50_us",
      "lateness_max_us",
    ],
    rows: [
      "1,6,3,1,0,0,0", "2,4,0,1.66666666667,333333.333333,500000,1500000",
      "3,4,0,1.66666666667,333333.333333,500000,1500000",
    ],
    verdicts: [": clock: ok", ": delivery: ok", ": pace: ok"],
    says: ["3 rows are taken with the row before as one tick with several recipients"])

  private static let fastTicks = ImportCase(
    name: "ticks that come faster than the rate are no pace",
    map: sharedMap(
      #"^(?<time>[0-9.]+) (?<event>INT|SEND|RECV) (?<clock>\\d+)$"#,
      namedFile + #", "time": {"column": "time", "unit": "s"}, "rates": [1]"#),
    logs: [("vm0.log", "1.0 INT 1\n1.5 INT 2\n2.0 INT 3\n2.5 INT 4\n")],
    columns: ["name", "lateness_p50_us"], rows: ["0,-1000000"],
    verdicts: [
      "vm0: clock: ok",
      "vm0: pace: FAILED 'vm0.log', line 4: tick 4 of 0 comes 1.5 s before it is due by its rate, "
        + "1 a second",
    ])

  private static let fallingClock = ImportCase(
    name: "a clock that falls or stands still, and time that goes back",
    map: """
      {"separator": " ", "machine": {"column": 1}, "clock": 3,
       "event": {"column": 2, "internal": "INT"}, "time": {"column": 4, "unit": "s"}}
      """,
    logs: [("all.log", "0 INT 5 1.0\n0 INT 3 2.0\n0 INT 9 1.5\n1 INT 1 1.0\n1 INT 1 2.0\n")],
    rows: ["0,3,3,0,0,9,2", "1,2,2,0,0,1,0"],
    verdicts: [
      "all: clock: FAILED 'all.log', line 2: the clock reads 3; after 5 the next event reads 6"
    ], says: ["time goes back by 0.5 s at 'all.log', line 3"])

  private static let ratesInNames = ImportCase(
    name: "rates in files' names, as fractions; times no finer than a tick",
    map: sharedMap(
      #"^(?<time>[0-9.]+) (?<event>INT|SEND|RECV) (?<clock>\\d+)$"#,
      namedFile
        + #", "time": {"column": "time", "unit": "s"}, "rates": {"file": "_r([0-9.]+)\\.log"}"#),
    logs: [
      ("vm0_r2.5.log", "0.4 INT 1\n0.8 INT 2\n1.2 INT 3\n"),
      ("vm1_r4.log", "1 INT 1\n1 INT 2\n1 INT 3\n2 INT 4\n"),
    ],
    columns: ["name", "rate_hz", "events", "lateness_p50_us", "tick_rate_error_ppm"],
    rows: ["0,2.5,3,0,0", "1,4,4,,"],
    says: ["the times of 1 are no finer than a tick"])

  private static let intervals = ImportCase(
    name: "intervals between ticks in a line that is not an event",
    map: sharedMap(
      #"^(?<time>[0-9.]+) (?<event>INT|SEND|RECV) (?<clock>\\d+)$"#,
      namedFile
        + #", "time": {"column": "time", "unit": "s"}, "rates": {"pattern": "every (\\d+)", "interval": "ms"}"#
    ),
    logs: [("vm0.log", "start, every 300 ms\n0.3 INT 1\n0.6 INT 2\n0.9 INT 3\n")],
    columns: ["rate_hz", "lateness_max_us"], rows: ["3.33333333333,0"])

  private static let nothingWords = ImportCase(
    name: "words for nothing",
    map: """
      {"separator": ",", "header": true, "machine": {"column": "id"}, "clock": "lc",
       "event": {"column": "what", "internal": "int", "send": "snd", "receive": "rcv"},
       "queue": "q", "peer": {"column": "to", "nothing": "-1"}, "nothing": ["None", "N/A"]}
      """,
    logs: [("all.csv", "id,what,lc,q,to\n0,snd,1,None,1\n1,rcv,2,0,-1\n1,int,3,N/A,-1\n")],
    rows: ["0,1,0,1,0,1,", "1,2,1,0,1,3,1"],
    verdicts: ["all: clock: ok"])

  private static let flags = ImportCase(
    name: "a kind of event in columns of its own, sender and recipient in two more",
    map: """
      {"separator": ";", "header": true, "clock": "lc", "peer": {"from": "src", "to": "dst"},
       "event": {"internal": true, "send": {"column": "tx"}, "receive": {"column": "rx"}}}
      """,
    logs: [
      ("all.csv", "src;dst;tx;rx;lc\na;b;1;0;1\na;b;0;1;2\nb;;0;0;3\nb;a;true;false;4\n")
    ],
    rows: ["a,1,0,1,0,1,", "b,3,1,1,1,4,1"],
    verdicts: ["all: clock: ok", "all: delivery: ok"])

  private static let beginnings = ImportCase(
    name: "beginnings of words",
    map: """
      {"separator": " | ", "machine": {"file": "vm([0-9])"}, "clock": 3,
       "event": {"column": 1, "internal": "INTERNAL", "send": "SEND*", "receive": "RECEIVE*"},
       "time": {"column": 2, "unit": "s"}, "peer": {"column": 1, "after": "VM "}}
      """,
    logs: [
      (
        "vm1.log",
        "SEND to VM 2 | 1.5 | 1\nINTERNAL | 2.0 | 2\nRECEIVE from VM 2 | 2.5 | 5\n"
      ),
      (
        "vm2.log",
        "RECEIVE from VM 1 | 2.0 | 2\nINTERNAL | 2.5 | 3\nSEND to VM 1 | 3.0 | 4\n"
      ),
    ],
    rows: ["1,3,1,1,1,5,2", "2,3,1,1,1,4,1"],
    verdicts: [": clock: ok", ": delivery: ok"])

  private static let leftOutLines = ImportCase(
    name: "lines left out hide events",
    map: sharedMap(
      #"^(?<clock>\\d+) (?<event>INT|SEND|RECV)$"#, namedFile + #", "otherwise": "skip""#),
    logs: [
      (
        "vm0.log",
        "starting, speed 3\n1 INT\n2 SEND\n3 MULTISEND\n4 MULTISEND\n5 INT\n6 Receive\n"
      ),
      ("vm1.log", "starting, speed 2\n1 INT\n4 RECV\n"),
    ],
    rows: ["0,3,2,1,0,5,2", "1,2,1,0,1,4,3"],
    verdicts: [
      ": clock: FAILED 'vm0.log', line 6: the clock reads 5; after 2 the next event reads 3"
    ],
    says: [
      "left out 4 lines that are not events: 2 like \"3 MULTISEND\" (line 4), 1 like \"starting, "
        + "speed 3\" (line 1), 1 like \"6 Receive\" (line 7)"
    ])

  private static let severalLines = ImportCase(
    name: "an event over several lines",
    map: """
      {"begin": "^Step", "pattern": "Step \\\\d+: <(?<event>\\\\w+)>\\\\s+host = (?<machine>\\\\w+)\\\\s+clock = (?<clock>\\\\d+)",
       "machine": {"column": "machine"}, "clock": "clock",
       "event": {"column": "event", "send": "Send", "receive": "Recv"}}
      """,
    logs: [
      (
        "trace.txt",
        "Step 1: <Send>\r\n  host = n1\r\n  clock = 1\r\n\r\nStep 2: <Recv>\r\n  host = n2\r\n"
          + "  clock = 2\r\n\r\n"
      )
    ],
    rows: ["n1,1,0,1,0,1,", "n2,1,0,0,1,2,"])

  private static let objects = ImportCase(
    name: "JSON lines, recipients as a list of addresses",
    map: """
      {"json": true, "machine": {"column": "id"}, "clock": "clock",
       "event": {"column": "event", "internal": "INTERNAL", "send": "SEND", "receive": "RECEIVE"},
       "peer": {"column": "to", "names": ["7001", "7002"]}}
      """,
    logs: [
      (
        "all.jsonl",
        """
        {"event": "INTERNAL", "t": 10.5, "id": 1, "clock": 1}
        {"clock": 1, "id": 2, "t": 10.5, "event": "INTERNAL"}
        {"event": "SEND", "t": 11.0, "id": 1, "clock": 2, "to": [["localhost", 7002]]}
        {"event": "RECEIVE", "id": 2, "clock": 3, "to": 7001}

        """
      )
    ],
    rows: ["1,2,1,1,0,2,1", "2,2,1,0,1,3,2"],
    verdicts: ["all: clock: ok", "all: delivery: ok"])

  private static let colours = ImportCase(
    name: "terminal colours, and a last line that is cut short",
    map: sharedMap(#"^(?<clock>\\d+) (?<event>INT|SEND|RECV)$"#, namedFile),
    logs: [("vm0.log", "\u{1B}[32m1 INT\u{1B}[0m\n\u{1B}[1;31m2 SEND\u{1B}[0m\n3 IN")],
    rows: ["0,2,1,1,0,2,1"], says: ["'vm0.log': the last line, 3, is cut short and left out"])

  private static let noMachine = ImportCase(
    name: "nothing tells machines apart",
    map: sharedMap(#"^tick (?<clock>\\d+): (?<event>\\w+)$"#, #""about": "no machine""#),
    logs: [("console.txt", "tick 1: INT\ntick 1: INT\ntick 2: SEND\ntick 3: RECV\n")],
    rows: ["console,4,2,1,1,3,0.666666666667"],
    verdicts: ["console: clock: FAILED 'console.txt', line 2: the clock reads 1; after 1"],
    says: ["if lines of several are mixed, nothing tells them apart"])

  private static let onlyMachine = ImportCase(
    name: "a map names the only machine",
    map: sharedMap(#"^tick (?<clock>\\d+): (?<event>\\w+)$"#, #""machine": {"name": "A b"}"#),
    logs: [("console.txt", "tick 1: INT\ntick 2: SEND\n")], rows: ["A b,2,1,1,0,2,1"])

  private static let directories = ImportCase(
    name: "several directories are several runs",
    map: sharedMap(
      #"^(?<time>[0-9.]+) (?<event>INT|SEND|RECV) (?<clock>\\d+)$"#,
      namedFile + #", "time": {"column": "time", "unit": "s"}"#),
    logs: [
      ("log/trial1/vm0.log", "0.5 INT 1\n1.0 INT 2\n"),
      ("log/trial1/vm1.log", "0.5 INT 1\n1.0 INT 2\n"),
      ("log/trial2/vm0.log", "0.5 INT 1\n1.0 INT 2\n"),
      ("log/trial2/vm1.log", "0.5 INT 1\n1.0 INT 3\n"),
      ("log/trial2/README", "not a log\n"),
    ],
    arguments: ["log"], columns: ["run", "name", "events", "final_clock"],
    rows: ["trial1,0,2,2", "trial1,1,2,2", "trial2,0,2,2", "trial2,1,2,3"],
    verdicts: ["trial1: clock: ok", "trial2: clock: FAILED 'log/trial2/vm1.log', line 2"],
    says: ["left out README"])
}
