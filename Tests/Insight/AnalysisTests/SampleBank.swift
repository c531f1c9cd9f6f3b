/// A bank of two machines with one snapshot, small enough to be worked out by hand.
///
/// The snapshot finds 0:2 in machine 1's inbox and 1:3 in transit, 10 and 5 of 200.
enum SampleBank {
  static let journals = [
    [
      "1,10,send,1,0,1,1,10,90",
      "2,20,send,2,0,1,2,10,80",
      "2,25,snapshot,2,0,,0-1,,80",
      "3,30,send,3,0,1,3,10,70",
      "4,40,receive,4,0,1,3,5,75",
    ],
    [
      "1,12,receive,2,0,0,1,10,110",
      "2,22,send,3,0,0,3,5,105",
      "2,26,snapshot,3,1,0,0-1,,105",
      "3,32,receive,4,1,0,2,10,115",
      "4,42,internal,5,1,,,,115",
      "5,52,receive,6,0,0,3,10,125",
    ],
  ]
  static let snapshot = """
    {"schema": 1, "id": "0-1", "initiator": 0, "status": "complete",
     "requested_time_ns": 24, "completed_time_ns": 43,
     "machines": [
       {"id": 0, "clock": 2, "tick": 2, "events": 2, "inbox": [], "balance": 80},
       {"id": 1, "clock": 3, "tick": 2, "events": 2, "balance": 105,
        "inbox": [{"source": 0, "message": 2, "amount": 10}]}],
     "channels": [
       {"source": 0, "target": 1, "messages": []},
       {"source": 1, "target": 0, "messages": [{"message": 3, "amount": 5}]}]}
    """
}
