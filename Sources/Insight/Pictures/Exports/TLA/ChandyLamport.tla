---------------------------- MODULE ChandyLamport ----------------------------
(* Machines with Lamport clocks and FIFO channels, and one snapshot of them.   *)
(*                                                                             *)
(* K. M. Chandy and L. Lamport, "Distributed Snapshots: Determining Global     *)
(* States of Distributed Systems", ACM TOCS 3(1), 1985.                        *)
(*                                                                             *)
(* A machine carries out events: internal ones, sends, receipts. What a        *)
(* channel delivers waits in the machine's inbox for its receipt. A snapshot   *)
(* costs no event: a machine records its state, and handles a marker, between  *)
(* two of them. What machines compute is left open: any of them may do         *)
(* anything at any time.                                                       *)
(*                                                                             *)
(* MCChandyLamport.cfg checks it for three machines. RecordedRun takes the     *)
(* same actions and asks whether they explain the journals of a run.           *)
EXTENDS Integers, Sequences

CONSTANTS
  Machines,   \* A set of numbers.
  Channels    \* A set of pairs <<source, target>> of machines.

VARIABLES
  clock,      \* The reading of each machine's latest event.
  channel,    \* What is on each channel, oldest first.
  inbox,      \* The messages that wait at each machine, oldest first.
  recorded,   \* The state that each machine has recorded: <<>> before, <<state>> after.
  kept,       \* What each channel's target has recorded of the channel.
  open,       \* The channels that are being recorded.
  sent,       \* History: what was sent on each channel before its source recorded,
  arrived     \* and what had arrived from it before its target recorded.

snapshotVars == <<recorded, kept, open>>
history == <<sent, arrived>>
vars == <<clock, channel, inbox, snapshotVars, history>>

\* A message has the reading of its send for an id, which tells it from all
\* others of its source, and the workload's fields. No reading is 0.
Marker == [id |-> 0, fields |-> <<>>]

Outgoing(m) == {c \in Channels : c[1] = m}
Incoming(m) == {c \in Channels : c[2] = m}
HasRecorded(m) == recorded[m] # <<>>
Greater(a, b) == IF a > b THEN a ELSE b

Init ==
  /\ clock = [m \in Machines |-> 0]
  /\ channel = [c \in Channels |-> <<>>]
  /\ inbox = [m \in Machines |-> <<>>]
  /\ recorded = [m \in Machines |-> <<>>]
  /\ kept = [c \in Channels |-> <<>>]
  /\ open = {}
  /\ sent = [c \in Channels |-> <<>>]
  /\ arrived = [c \in Channels |-> <<>>]

-------------------------------------------------------------------------------
(* The underlying computation: Lamport's rules IR1 and IR2.                    *)

Internal(m) ==
  /\ clock' = [clock EXCEPT ![m] = @ + 1]
  /\ UNCHANGED <<channel, inbox, snapshotVars, history>>

\* One event sends the same message to each of the targets.
Send(m, targets, fields) ==
  LET message == [id |-> clock[m] + 1, fields |-> fields]
      used == {c \in Outgoing(m) : c[2] \in targets}
  IN /\ used # {}
     /\ clock' = [clock EXCEPT ![m] = @ + 1]
     /\ channel' = [c \in Channels |->
                      IF c \in used THEN Append(channel[c], message) ELSE channel[c]]
     /\ sent' = [c \in Channels |->
                   IF c \in used /\ ~HasRecorded(m) THEN Append(sent[c], message) ELSE sent[c]]
     /\ UNCHANGED <<inbox, snapshotVars, arrived>>

Receive(m) ==
  /\ inbox[m] # <<>>
  /\ clock' = [clock EXCEPT ![m] = Greater(@, Head(inbox[m]).message.id) + 1]
  /\ inbox' = [inbox EXCEPT ![m] = Tail(@)]
  /\ UNCHANGED <<channel, snapshotVars, history>>

\* A channel delivers a message. It belongs to the channel's state if its target
\* has recorded, and the channel's marker has not come.
Arrive(c) ==
  /\ channel[c] # <<>>
  /\ Head(channel[c]) # Marker
  /\ LET message == Head(channel[c])
     IN /\ channel' = [channel EXCEPT ![c] = Tail(@)]
        /\ inbox' = [inbox EXCEPT ![c[2]] = Append(@, [source |-> c[1], message |-> message])]
        /\ kept' = IF c \in open THEN [kept EXCEPT ![c] = Append(@, message)] ELSE kept
        /\ arrived' = IF HasRecorded(c[2]) THEN arrived
                      ELSE [arrived EXCEPT ![c] = Append(@, message)]
  /\ UNCHANGED <<clock, recorded, open, sent>>

-------------------------------------------------------------------------------
(* The snapshot.                                                               *)

\* The marker-sending rule: a machine records its state, then sends a marker on
\* each outgoing channel, before anything else. "rest" is what is on the channels
\* then; it records the incoming channels of "others" from now on.
Record(m, rest, others) ==
  /\ ~HasRecorded(m)
  /\ recorded' = [recorded EXCEPT ![m] = <<[clock |-> clock[m], inbox |-> inbox[m]]>>]
  /\ channel' = [c \in Channels |-> IF c[1] = m THEN Append(rest[c], Marker) ELSE rest[c]]
  /\ open' = open \union others

Initiate(m) ==
  /\ \A other \in Machines : ~HasRecorded(other)
  /\ Record(m, channel, Incoming(m))
  /\ UNCHANGED <<clock, inbox, kept, history>>

\* The marker-receiving rule: the first marker makes the machine record, and its
\* channel's state is empty; any later one ends the recording of its channel.
MarkerArrives(c) ==
  /\ channel[c] # <<>>
  /\ Head(channel[c]) = Marker
  /\ LET rest == [channel EXCEPT ![c] = Tail(@)]
     IN IF HasRecorded(c[2])
        THEN channel' = rest /\ open' = open \ {c} /\ UNCHANGED recorded
        ELSE Record(c[2], rest, Incoming(c[2]) \ {c})
  /\ UNCHANGED <<clock, inbox, kept, history>>

-------------------------------------------------------------------------------
(* What the paper proves.                                                      *)

\* All have recorded, and all channels.
IsComplete == (\A m \in Machines : HasRecorded(m)) /\ open = {}

IsPrefix(short, long) ==
  Len(short) <= Len(long) /\ short = SubSeq(long, 1, Len(short))

\* Nothing arrived before the cut that was sent after it.
CutIsConsistent ==
  \A c \in Channels : HasRecorded(c[2]) /\ HasRecorded(c[1]) => IsPrefix(arrived[c], sent[c])

\* Each channel's recorded state is what crosses the cut, in order.
ChannelsAreExact ==
  IsComplete => \A c \in Channels : sent[c] = arrived[c] \o kept[c]
===============================================================================
