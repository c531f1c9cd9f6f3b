------------------------------ MODULE RecordedRun -----------------------------
(* Whether the journals of a run, and one snapshot of it, are a behaviour of   *)
(* ChandyLamport: the lines of each journal in their order, each one an action *)
(* with the reading, the message and the fields that the line has.             *)
(*                                                                             *)
(* Journals do not say when messages arrive, and nothing depends on it but     *)
(* what a recorded inbox holds. So a message arrives when its receipt, or the  *)
(* inbox that its target records, needs it; the rest when all lines are        *)
(* carried out. There is one behaviour at most: its last state has the         *)
(* verdict, which TLC prints.                                                  *)
EXTENDS ChandyLamport, TLC

CONSTANTS
  Journal,    \* The lines of each machine's journal, in order; see below.
  Snapshot    \* <<>>, or <<snapshot>>: its machines' states, and its channels.

VARIABLES
  done,       \* How many lines each machine has carried out.
  verdict     \* "" until the end.

(* A line has the number that it has in its file, a kind ("internal", "send",  *)
(* "receive", "snapshot"), tick and reading, the set of its peers (the targets *)
(* of a send, the source of a receipt or of a first marker), the id and the    *)
(* fields of its message, and the fields of its machine's state after it.      *)

Next(m) == Journal[m][done[m] + 1]
HasNext(m) == done[m] < Len(Journal[m])
Peer(line) == CHOOSE m \in line.peers : TRUE
Message(line) == [id |-> line.id, fields |-> line.fields]
FromPeer(m) == <<Peer(Next(m)), m>>
InFile(m) == Snapshot[1].machines[m]
Least(set) == CHOOSE m \in set : \A other \in set : m <= other

TickBefore(m) == IF done[m] = 0 THEN 0 ELSE Journal[m][done[m]].tick
StateBefore(m) == IF done[m] = 0 THEN <<>> ELSE Journal[m][done[m]].state

\* The channel that must deliver a message before the next line: <<channel>>, or
\* <<>> for none.
Needed(m) ==
  LET line == Next(m)
  IN CASE line.kind = "receive" /\ inbox[m] = <<>> -> <<FromPeer(m)>>
       [] line.kind = "snapshot" /\ Len(inbox[m]) < Len(InFile(m).inbox)
            -> <<<<InFile(m).inbox[Len(inbox[m]) + 1].source, m>>>>
       [] OTHER -> <<>>

\* The channel that a machine waits for: <<channel>>, or <<>>.
Awaited(m) ==
  LET needed == IF Needed(m) # <<>> THEN Needed(m)
                ELSE IF Next(m).kind = "snapshot" /\ Next(m).peers # {} THEN <<FromPeer(m)>>
                ELSE <<>>
  IN IF needed # <<>> /\ needed[1] \in Channels /\ channel[needed[1]] = <<>> THEN needed
     ELSE <<>>

-------------------------------------------------------------------------------
(* What is wrong with the next line of a machine that waits for no channel: "" *)
(* for nothing.                                                                *)

WrongReading(m) ==
  LET line == Next(m)
      reading == CASE line.kind = "snapshot" -> clock[m]
                   [] line.kind = "receive" -> Greater(clock[m], line.id) + 1
                   [] OTHER -> clock[m] + 1
  IN line.reading # reading

WrongTick(m) ==
  Next(m).tick # IF Next(m).kind = "snapshot" THEN TickBefore(m) ELSE TickBefore(m) + 1

WrongSend(m) ==
  LET line == Next(m)
  IN CASE line.peers = {} -> "it has no target"
       [] \E target \in line.peers : <<m, target>> \notin Channels -> "there is no such channel"
       [] line.id # line.reading -> "the message has another id than the send"
       [] OTHER -> ""

WrongReceipt(m) ==
  LET line == Next(m)
      message == Message(line)
  IN CASE line.peers = {} -> "it has no source"
       [] FromPeer(m) \notin Channels -> "there is no such channel"
       [] inbox[m] # <<>> /\ Head(inbox[m]) # [source |-> Peer(line), message |-> message]
            -> "another message is first in the inbox: " \o ToString(Head(inbox[m]))
       [] inbox[m] = <<>> /\ Head(channel[FromPeer(m)]) # message
            -> "another message is first on the channel: " \o ToString(Head(channel[FromPeer(m)]))
       [] OTHER -> ""

\* The inbox that the machine records, as far as it has arrived.
WrongInbox(m) ==
  LET inFile == InFile(m).inbox
  IN CASE ~IsPrefix(inbox[m], inFile) -> "the snapshot has another inbox: " \o ToString(inbox[m])
       [] Needed(m) # <<>> /\ Needed(m)[1] \notin Channels -> "there is no such channel"
       [] Needed(m) # <<>> /\ Head(channel[Needed(m)[1]]) # inFile[Len(inbox[m]) + 1].message
            -> "the snapshot's inbox has a message that is not next on its channel"
       [] OTHER -> ""

WrongRecording(m) ==
  LET line == Next(m)
  IN CASE HasRecorded(m) -> "it has recorded before"
       [] line.peers = {} /\ \E other \in Machines : HasRecorded(other) -> "another has begun it"
       [] line.peers # {} /\ FromPeer(m) \notin Channels -> "there is no such channel"
       [] WrongInbox(m) # "" -> WrongInbox(m)
       [] Needed(m) = <<>> /\ line.peers # {} /\ Head(channel[FromPeer(m)]) # Marker
            -> "a message is ahead of the marker: " \o ToString(Head(channel[FromPeer(m)]))
       [] line.peers # {} /\ Snapshot[1].channels[FromPeer(m)] # <<>>
            -> "the channel of the first marker is not empty in the snapshot"
       [] InFile(m).clock # clock[m] -> "the snapshot has another clock"
       [] InFile(m).tick # line.tick -> "the snapshot has another tick"
       [] InFile(m).events # line.number - 2 -> "the snapshot has another number of events"
       [] done[m] > 0 /\ InFile(m).state # StateBefore(m) -> "the snapshot has another state"
       [] OTHER -> ""

Wrong(m) ==
  CASE WrongTick(m) -> "its tick is not the next"
    [] WrongReading(m) -> "its reading is not what Lamport's rules give"
    [] Next(m).kind = "send" -> WrongSend(m)
    [] Next(m).kind = "receive" -> WrongReceipt(m)
    [] Next(m).kind = "snapshot" -> WrongRecording(m)
    [] OTHER -> ""

-------------------------------------------------------------------------------
(* The one thing that happens next.                                            *)

Ends(text) == PrintT(text) /\ verdict' = text /\ UNCHANGED <<vars, done>>

AtLine(m, text) ==
  Ends("machine " \o ToString(m) \o ", line " \o ToString(Next(m).number) \o ": " \o text)

Advance(m) ==
  LET line == Next(m)
  IN IF Needed(m) # <<>>
     THEN Arrive(Needed(m)[1]) /\ UNCHANGED <<done, verdict>>
     ELSE /\ CASE line.kind = "internal" -> Internal(m)
               [] line.kind = "send" -> Send(m, line.peers, line.fields)
               [] line.kind = "receive" -> Receive(m)
               [] line.kind = "snapshot" /\ line.peers = {} -> Initiate(m)
               [] OTHER -> MarkerArrives(FromPeer(m))
          /\ done' = [done EXCEPT ![m] = @ + 1]
          /\ UNCHANGED verdict

\* A marker ends its channel's recording; then the snapshot's file is compared.
EndRecording(c) ==
  IF kept[c] = Snapshot[1].channels[c]
  THEN MarkerArrives(c) /\ UNCHANGED <<done, verdict>>
  ELSE Ends("the snapshot's channel " \o ToString(c) \o " should hold " \o ToString(kept[c]))

\* All lines are carried out; what is still on the channels arrives.
Close ==
  IF open # {}
  THEN LET c == CHOOSE c \in open : TRUE
       IN IF channel[c] # <<>> THEN Arrive(c) /\ UNCHANGED <<done, verdict>>
          ELSE Ends("no marker comes on channel " \o ToString(c))
  ELSE IF Snapshot # <<>> /\ ~IsComplete
  THEN Ends("no line says that machine "
              \o ToString(Least({m \in Machines : ~HasRecorded(m)})) \o " has recorded")
  ELSE Ends("accepted")

Step ==
  LET markers == {c \in open : channel[c] # <<>> /\ Head(channel[c]) = Marker}
      active == {m \in Machines : HasNext(m)}
      ready == {m \in active : Awaited(m) = <<>>}
  IN IF verdict # "" THEN UNCHANGED <<vars, done, verdict>>
     ELSE IF markers # {} THEN EndRecording(CHOOSE c \in markers : TRUE)
     ELSE IF ready # {}
     THEN LET m == Least(ready)
          IN IF Wrong(m) = "" THEN Advance(m) ELSE AtLine(m, Wrong(m))
     ELSE IF active # {}
     THEN LET m == Least(active)
          IN AtLine(m, "nothing comes on channel " \o ToString(Awaited(m)[1]))
     ELSE Close

Spec ==
  /\ Init /\ done = [m \in Machines |-> 0] /\ verdict = ""
  /\ [][Step]_<<vars, done, verdict>>

NothingWrong == verdict \in {"", "accepted"}
===============================================================================
