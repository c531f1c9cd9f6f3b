#!/bin/sh
# A counter: a free tick with a roll of 1 sends the count to all; a receipt takes the greater one.
count=0
while read -r question; do
  case $question in
    *'"do":"begin"'*)
      echo '{"messages":{"total":"integer"},"states":{"greatest":"integer"},"die":4,"state":{"greatest":0}}' ;;
    *'"do":"choose"'*'"roll":1}')
      count=$((count + 1))
      echo '{"instructions":[{"send":{"total":'$count'},"to":"all"}],"state":{"greatest":'$count'}}' ;;
    *'"do":"receive"'*)
      heard=${question##*\"total\":}
      heard=${heard%%\}*}
      [ "$heard" -le "$count" ] || count=$heard
      echo '{"state":{"greatest":'$count'}}' ;;
    *)
      echo '{}' ;;
  esac
done
