--------------------------- MODULE MCChandyLamport ---------------------------
(* Chandy and Lamport's algorithm, with bounds that TLC can exhaust.           *)
EXTENDS ChandyLamport

CONSTANTS
  SendMax     \* How many sends all machines carry out together.

VARIABLE sendCount

Complete == {c \in Machines \X Machines : c[1] # c[2]}

MCInit == Init /\ sendCount = 0

Sending(m) ==
  /\ sendCount < SendMax
  /\ sendCount' = sendCount + 1
  /\ \E target \in Machines : Send(m, {target}, <<>>)

\* Internal events change only readings, so they are left out. Machine 0 begins:
\* with all channels there, it is like any other.
Acting(m) ==
  /\ Receive(m) \/ (m = 0 /\ Initiate(m))
  /\ UNCHANGED sendCount

Delivering(c) ==
  /\ Arrive(c) \/ MarkerArrives(c)
  /\ UNCHANGED sendCount

MCNext ==
  \/ \E m \in Machines : Sending(m) \/ Acting(m)
  \/ \E c \in Channels : Delivering(c)

\* Channels deliver what is on them, in the end.
Spec ==
  /\ MCInit
  /\ [][MCNext]_<<vars, sendCount>>
  /\ \A c \in Channels : WF_<<vars, sendCount>>(Delivering(c))

\* Once begun, a snapshot is complete in the end.
BegunIsCompleted == (\E m \in Machines : HasRecorded(m)) ~> IsComplete
===============================================================================
