import Testing

/// Logs in one style, and what any map for them must find.
struct ProposalStyle: Sendable, CustomTestStringConvertible {
  let name: String
  let logs: [(path: String, text: String)]
  /// Name, events, internal events, sends, receipts and last reading of each machine.
  let rows: [String]
  /// Keys required in the map besides those of events.
  var keys: [String] = ["time", "clock", "peer"]
  /// Whether receipts can be paired with their sends.
  var isPaired = true

  var testDescription: String { name }

  static let all = [
    pairs, pairsInFiles, nestedObjects, systemLog, header, letters, arrows, arrowsAndWords,
    indented,
    paragraphs, bothEnds, sentences, words, machineWords,
  ]

  private static let pairs = ProposalStyle(
    name: "pairs of keys and values",
    logs: [
      (
        "all.log",
        """
        ts=2024-05-17T09:30:01.1Z level=info node=a event=internal clock=1 queue=0
        ts=2024-05-17T09:30:01.2Z level=info node=a event=send clock=2 queue=0 to=b
        ts=2024-05-17T09:30:01.3Z level=info node=b event=receive clock=3 queue=0 from=a msg_clock=2
        ts=2024-05-17T09:30:01.4Z level=info node=b event=send clock=4 queue=0 to=a
        ts=2024-05-17T09:30:01.5Z level=info node=a event=receive clock=5 queue=0 from=b msg_clock=4
        ts=2024-05-17T09:30:01.6Z level=info node=b event=internal clock=5 queue=0

        """
      )
    ], rows: ["a,3,1,1,1,5", "b,3,1,1,1,5"], keys: ["time", "clock", "queue", "peer", "message"])

  private static let pairsInFiles = ProposalStyle(
    name: "a file each, rates in lines that are not events",
    logs: [
      (
        "p0.log",
        """
        level=info msg="starting" rate=2
        time=0.5 type=local_event lamport=1
        time=1.0 type=send_msg lamport=2 dst=p1 qlen=0
        time=1.5 type=send_msg lamport=3 dst=p1 qlen=0

        """
      ),
      (
        "p1.log",
        """
        level=info msg="starting" rate=1
        time=1.2 type=recv_msg lamport=3 src=p0 qlen=0
        time=2.2 type=recv_msg lamport=4 src=p0 qlen=0

        """
      ),
    ], rows: ["p0,3,1,2,0,3", "p1,2,0,0,2,4"], keys: ["time", "clock", "queue", "peer", "rates"])

  private static let nestedObjects = ProposalStyle(
    name: "JSON lines with objects inside, and identities",
    logs: [
      (
        "events.jsonl",
        """
        {"@timestamp": "2024-05-17T09:30:01Z", "proc": {"name": "a"}, "lamport": 1, "evt": "LOCAL"}
        {"proc": {"name": "a"}, "lamport": 2, "evt": "MSG_SEND", "message": {"id": "m-1", "peer": "b"}, "@timestamp": "2024-05-17T09:30:02Z"}
        {"@timestamp": "2024-05-17T09:30:03Z", "proc": {"name": "b"}, "lamport": 3, "evt": "MSG_RECV", "message": {"id": "m-1", "peer": "a"}}

        """
      )
    ], rows: ["a,2,1,1,0,2", "b,1,0,0,1,3"], keys: ["json", "time", "clock", "peer", "identity"])

  private static let systemLog = ProposalStyle(
    name: "a system log",
    logs: [
      (
        "syslog",
        """
        May 17 09:30:01 web1 lamportd[401]: internal event, logical clock 1
        May 17 09:30:02 web1 lamportd[401]: sent message to db, logical clock 2
        May 17 09:30:02 db lamportd[402]: internal event, logical clock 1
        May 17 09:30:03 db lamportd[402]: received message from web1, logical clock 3, queue length 0
        May 17 09:30:04 web1 lamportd[401]: internal event, logical clock 3

        """
      )
    ], rows: ["db,2,1,0,1,3", "web1,3,2,1,0,3"], keys: ["time", "clock", "peer", "queue"])

  private static let header = ProposalStyle(
    name: "a table with long names, sender and receiver apart",
    logs: [
      (
        "trace.csv",
        """
        Timestamp (s),Process ID,Event Type,Logical Clock Value,Queue Size,Destination,Source
        0.5,1,Internal,1,0,,
        1.0,1,Send,2,0,2,
        1.2,2,Internal,1,0,,
        1.5,2,Receive,3,0,,1
        2.0,2,Send,4,0,1,
        2.5,1,Receive,5,0,,2

        """
      )
    ], rows: ["1,3,1,1,1,5", "2,3,1,1,1,4"], keys: ["time", "clock", "peer", "queue"])

  private static let letters = ProposalStyle(
    name: "a letter for each event, a dash for nothing, the rate in the file's name",
    logs: [
      (
        "vm1_2hz.tsv",
        "sys_time\taction\tlclock\tqlen\tother\n2024-05-17 09:30:01.5\tI\t1\t0\t-\n"
          + "2024-05-17 09:30:02\tS\t2\t0\t2\n2024-05-17 09:30:02.5\tI\t3\t0\t-\n"
      ),
      (
        "vm2_1hz.tsv",
        "sys_time\taction\tlclock\tqlen\tother\n2024-05-17 09:30:02.1\tR\t3\t0\t1\n"
          + "2024-05-17 09:30:03.1\tI\t4\t0\t-\n"
      ),
    ], rows: ["1,3,2,1,0,3", "2,2,1,0,1,4"], keys: ["time", "clock", "peer", "rates", "nothing"])

  private static let arrows = ProposalStyle(
    name: "arrows in place of words",
    logs: [
      (
        "trace.txt",
        """
        [0.100] A local (lc=1)
        [0.200] A -> B (lc=2)
        [0.300] B <- A (lc=3, carries 2)
        [0.400] B -> A (lc=4)
        [0.500] A <- B (lc=5, carries 4)
        [0.600] B local (lc=5)

        """
      )
    ], rows: ["A,3,1,1,1,5", "B,3,1,1,1,5"], keys: ["time", "clock", "peer", "message"])

  private static let arrowsAndWords = ProposalStyle(
    name: "arrows from sender to receiver in both lines",
    logs: [
      (
        "s1.out",
        "[09:30:01.100] L=1 WORK\n[09:30:01.200] L=2 SEND s1 -> s2 #1\n[09:30:01.300] L=3 SEND s1 -> s2 #2\n"
      ),
      ("s2.out", "[09:30:01.250] L=3 RECV s1 -> s2 #1\n[09:30:01.350] L=4 RECV s1 -> s2 #2\n"),
    ], rows: ["s1,3,1,2,0,3", "s2,2,0,0,2,4"])

  private static let indented = ProposalStyle(
    name: "events over several lines, the further ones indented",
    logs: [
      (
        "log.txt",
        """
        2024-05-17T09:30:01 [red] INTERNAL
            logical clock: 1
        2024-05-17T09:30:02 [red] SEND
            logical clock: 2
            to: blue
        2024-05-17T09:30:03 [blue] RECEIVE
            logical clock: 3
            from: red

        """
      )
    ], rows: ["blue,1,0,0,1,3", "red,2,1,1,0,2"], keys: ["begin", "time", "clock", "peer"])

  private static let paragraphs = ProposalStyle(
    name: "events over several lines, with empty ones between them",
    logs: [
      (
        "n1.txt",
        "Event: internal\nTime: 0.5\nClock: 1\n\nEvent: send\nTime: 1.0\nClock: 2\nPeer: n2\n\n"
      ),
      (
        "n2.txt",
        "Event: receive\nTime: 1.1\nClock: 3\nPeer: n1\n\nEvent: internal\nTime: 1.6\nClock: 4\n\n"
      ),
    ], rows: ["n1,2,1,1,0,2", "n2,2,1,0,1,4"], keys: ["begin", "time", "clock", "peer"])

  private static let bothEnds = ProposalStyle(
    name: "JSON objects with sender and receiver, a file each",
    logs: [
      (
        "machine-1.json",
        """
        {"time_ms": 1700000000000, "kind": "INTERNAL", "logicalClock": 1, "sender": null, "receiver": null}
        {"time_ms": 1700000000100, "kind": "SEND", "logicalClock": 2, "sender": 1, "receiver": 2}

        """
      ),
      (
        "machine-2.json",
        """
        {"time_ms": 1700000000150, "kind": "RECEIVE", "logicalClock": 3, "sender": 1, "receiver": 2}
        {"time_ms": 1700000000250, "kind": "INTERNAL", "logicalClock": 4, "sender": null, "receiver": null}

        """
      ),
    ], rows: ["1,2,1,1,0,2", "2,2,1,0,1,4"])

  private static let sentences = ProposalStyle(
    name: "sentences with labels before each value",
    logs: [
      (
        "all.log",
        """
        Machine 1 did an internal event at time 10.5, logical clock time is 1.
        Machine 1 sent a message to machine 2 at time 11.0, logical clock time is 2.
        Machine 2 received a message from machine 1 at time 11.5, queue length 0, logical clock time is 3.
        Machine 2 did an internal event at time 12.5, logical clock time is 4.

        """
      )
    ], rows: ["1,2,1,1,0,2", "2,2,1,0,1,4"], keys: ["machine", "time", "clock", "queue", "peer"])

  private static let words = ProposalStyle(
    name: "several words for a kind of event, below a line that is none",
    logs: [
      (
        "vm0.log",
        "starting, speed 3\n1 INTERNAL\n2 SEND\n3 MULTISEND\n4 MULTISEND\n5 WAIT\n6 Receive\n"
      ), ("vm1.log", "starting, speed 2\n1 INTERNAL\n4 RECEIVE\n"),
    ], rows: ["0,6,2,3,1,6", "1,2,1,0,1,4"], keys: ["machine", "clock", "rates"],
    isPaired: false)

  private static let machineWords = ProposalStyle(
    name: "machines called by words that are labels elsewhere",
    logs: [
      (
        "all.log",
        """
        q INT 1
        server INT 1
        server SEND 2 to q
        q RECV 3 from server
        q SEND 4 to server
        server RECV 5 from q

        """
      )
    ], rows: ["q,3,1,1,1,4", "server,3,1,1,1,5"], keys: ["machine", "clock", "peer"])
}
