// The model of `scalemodel run --runtime virtual` as a plain C++ loop, to compare with.
//
// The machines are searched one by one for the next tick when there are at most eight of them, and
// kept in a binary heap otherwise. It draws the same numbers as scalemodel does, so both must end
// with the same clocks: the last column lets the benchmark check that they did the same work.
//
//   g++ -O3 -std=c++20 -o virtual virtual.cpp     (or clang++)
//   ./virtual MACHINES complete|ring|random:K RATES|LOW...HIGH SECONDS SEED [JOURNAL-DIRECTORY]
//
// Prints: ticks, nanoseconds of the loop (journals included, setting up not), sum of final clocks.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

constexpr uint64_t increment = 0x9E3779B97F4A7C15;

uint64_t mixed(uint64_t word) {
  word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9;
  word = (word ^ (word >> 27)) * 0x94D049BB133111EB;
  return word ^ (word >> 31);
}

struct SplitMix64 {
  uint64_t state;

  static SplitMix64 stream(uint64_t seed, uint64_t purpose, uint64_t index = 0) {
    return {mixed(mixed(seed + purpose * increment) + index * increment)};
  }
  uint64_t draw(uint64_t below) {
    state += increment;
    return uint64_t((unsigned __int128)mixed(state) * below >> 64);
  }
};

enum Purpose : uint64_t { rates = 1, ticks = 2, topology = 4 };

struct Message {
  uint64_t reading;
  uint32_t source;
};

// First in, first out; doubles when full.
class Inbox {
  std::vector<Message> ring;
  uint32_t head = 0, length = 0;

 public:
  uint32_t size() const { return length; }
  void push(Message message) {
    if (length == ring.size()) grow();
    ring[(head + length++) & (ring.size() - 1)] = message;
  }
  Message pop() {
    Message message = ring[head];
    head = (head + 1) & (ring.size() - 1);
    --length;
    return message;
  }

 private:
  void grow() {
    std::rotate(ring.begin(), ring.begin() + head, ring.end());
    head = 0;
    ring.resize(std::max<size_t>(4, 2 * ring.size()));
  }
};

struct Machine {
  uint64_t clock = 0, tick = 0, rate = 1;
  SplitMix64 random{};
  Inbox inbox;

  // When the next tick is due, in nanoseconds since the start.
  uint64_t due() const { return (tick + 1) * 1'000'000'000 / rate; }
};

// Who can send to whom: target lists one after the other, or everyone to everyone.
struct Topology {
  uint32_t count;
  bool isComplete;
  std::vector<uint32_t> starts, targets;

  uint32_t degree(uint32_t source) const {
    return isComplete ? count - 1 : starts[source + 1] - starts[source];
  }
  uint32_t target(uint32_t source, uint32_t place) const {
    if (isComplete) return place < source ? place : place + 1;
    return targets[starts[source] + place];
  }
  uint32_t next(uint32_t source) const {
    return isComplete ? (source + 1 == count ? 0 : source + 1) : target(source, 0);
  }
  uint32_t previous(uint32_t source) const {
    return isComplete ? (source == 0 ? count - 1 : source - 1) : target(source, degree(source) - 1);
  }

  static Topology named(const std::string& name, uint32_t count, uint64_t seed) {
    Topology made{count, name == "complete", {0}, {}};
    if (name == "ring") {
      for (uint32_t id = 0; id < count; ++id) {
        uint32_t one = (id + count - 1) % count, other = (id + 1) % count;
        made.targets.push_back(std::min(one, other));
        if (one != other) made.targets.push_back(std::max(one, other));
        made.starts.push_back(uint32_t(made.targets.size()));
      }
    } else if (name.starts_with("random:")) {
      made.addRandom(uint32_t(atoi(name.c_str() + 7)), seed);
    }
    return made;
  }

 private:
  void addRandom(uint32_t neighbours, uint64_t seed) {
    auto random = SplitMix64::stream(seed, Purpose::topology);
    std::vector<uint32_t> circle(count), successor(count);
    std::iota(circle.begin(), circle.end(), 0);
    for (uint32_t place = count - 1; place > 0; --place)
      std::swap(circle[place], circle[random.draw(place + 1)]);
    for (uint32_t place = 0; place < count; ++place)
      successor[circle[place]] = circle[(place + 1) % count];
    for (uint32_t source = 0; source < count; ++source) {
      std::vector<uint32_t> chosen{successor[source]};
      while (chosen.size() < neighbours) {
        uint32_t target = uint32_t(random.draw(count));
        if (target != source && std::find(chosen.begin(), chosen.end(), target) == chosen.end())
          chosen.push_back(target);
      }
      std::sort(chosen.begin(), chosen.end());
      targets.insert(targets.end(), chosen.begin(), chosen.end());
      starts.push_back(uint32_t(targets.size()));
    }
  }
};

// A journal: 64 KiB of lines at a time, numbers written two digits at a time.
class Journal {
  static constexpr size_t capacity = 1 << 16;
  std::unique_ptr<char[]> buffer{new char[capacity]};
  char* end = buffer.get();
  int file;

 public:
  explicit Journal(const std::string& path)
      : file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644)) {
    if (file < 0) {
      perror(path.c_str());
      exit(1);
    }
    text("tick,system_time_ns,event,clock,queue_length,peer,message\n");
  }
  void line(uint64_t tick, uint64_t time, const char* event, uint64_t clock, uint64_t queue,
            int64_t peer, uint64_t message) {
    if (end + 256 > buffer.get() + capacity) flush();
    number(tick), *end++ = ',';
    number(time), *end++ = ',';
    text(event), *end++ = ',';
    number(clock), *end++ = ',';
    number(queue), *end++ = ',';
    if (peer == everybody) *end++ = '*';
    else if (peer != nobody) number(uint64_t(peer));
    *end++ = ',';
    if (message > 0) number(message);
    *end++ = '\n';
  }
  void flush() {
    if (write(file, buffer.get(), size_t(end - buffer.get())) < 0) perror("write");
    end = buffer.get();
  }
  static constexpr int64_t nobody = -1, everybody = -2;

 private:
  void text(const char* text) {
    size_t length = strlen(text);
    memcpy(end, text, length);
    end += length;
  }
  void number(uint64_t number) {
    static constexpr char pairs[] =
        "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
        "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
        "8081828384858687888990919293949596979899";
    char digits[20];
    char* first = digits + 20;
    while (number >= 100) {
      first -= 2;
      memcpy(first, pairs + 2 * (number % 100), 2);
      number /= 100;
    }
    if (number >= 10) {
      first -= 2;
      memcpy(first, pairs + 2 * number, 2);
    } else {
      *--first = char('0' + number);
    }
    size_t length = size_t(digits + 20 - first);
    memcpy(end, first, length);
    end += length;
  }
};

struct Model {
  Topology topology;
  std::vector<Machine> machines;
  std::vector<Journal> journals;
  uint64_t tickCount = 0;

  template <bool writesJournals>
  void tick(uint32_t id, uint64_t now) {
    Machine& machine = machines[id];
    ++machine.tick;
    ++tickCount;
    if (machine.inbox.size() > 0) {
      Message message = machine.inbox.pop();
      machine.clock = std::max(machine.clock, message.reading) + 1;
      if constexpr (writesJournals)
        journals[id].line(machine.tick, now, "receive", machine.clock, machine.inbox.size(),
                          message.source, message.reading);
      return;
    }
    uint64_t reading = ++machine.clock;
    uint64_t side = machine.random.draw(10);
    const char* event = "internal";
    int64_t peer = Journal::nobody;
    if (side < 3 && topology.degree(id) > 0) {
      event = "send";
      if (side < 2) {
        peer = side == 0 ? topology.next(id) : topology.previous(id);
        machines[size_t(peer)].inbox.push({reading, id});
      } else {
        peer = Journal::everybody;
        for (uint32_t place = 0; place < topology.degree(id); ++place)
          machines[topology.target(id, place)].inbox.push({reading, id});
      }
    }
    if constexpr (writesJournals)
      journals[id].line(machine.tick, now, event, reading, machine.inbox.size(), peer,
                        peer == Journal::nobody ? 0 : reading);
  }

  template <bool writesJournals>
  void run(uint64_t end) {
    if (machines.size() <= 8) runBySearch<writesJournals>(end);
    else runByHeap<writesJournals>(end);
    for (Journal& journal : journals) journal.flush();
  }

  template <bool writesJournals>
  void runBySearch(uint64_t end) {
    uint64_t dues[8];
    size_t count = machines.size();
    for (size_t id = 0; id < count; ++id) dues[id] = machines[id].due();
    while (true) {
      size_t first = 0;
      for (size_t id = 1; id < count; ++id)
        if (dues[id] < dues[first]) first = id;
      uint64_t now = dues[first];
      if (now > end) return;
      tick<writesJournals>(uint32_t(first), now);
      dues[first] = machines[first].due();
    }
  }

  template <bool writesJournals>
  void runByHeap(uint64_t end) {
    using Entry = std::pair<uint64_t, uint32_t>;
    std::vector<Entry> heap;
    for (uint32_t id = 0; id < machines.size(); ++id) heap.push_back({machines[id].due(), id});
    std::make_heap(heap.begin(), heap.end(), std::greater<>());
    while (heap[0].first <= end) {
      auto [now, id] = heap[0];
      tick<writesJournals>(id, now);
      // The machine's next tick takes the place of this one: one walk down instead of a removal and
      // an addition.
      Entry entry{machines[id].due(), id};
      size_t place = 0;
      for (size_t child = 1; child < heap.size(); child = 2 * place + 1) {
        if (child + 1 < heap.size() && heap[child + 1] < heap[child]) ++child;
        if (entry < heap[child]) break;
        heap[place] = heap[child];
        place = child;
      }
      heap[place] = entry;
    }
  }
};

int main(int argc, char** argv) {
  if (argc < 6) {
    fprintf(stderr, "usage: virtual MACHINES TOPOLOGY RATES SECONDS SEED [JOURNAL-DIRECTORY]\n");
    return 64;
  }
  uint32_t count = uint32_t(atoi(argv[1]));
  std::string rateWord = argv[3];
  uint64_t end = uint64_t(atoll(argv[4])) * 1'000'000'000;
  uint64_t seed = strtoull(argv[5], nullptr, 10);

  Model model{Topology::named(argv[2], count, seed), std::vector<Machine>(count), {}};
  if (size_t dots = rateWord.find("..."); dots != std::string::npos) {
    uint64_t low = strtoull(rateWord.c_str(), nullptr, 10);
    uint64_t high = strtoull(rateWord.c_str() + dots + 3, nullptr, 10);
    auto random = SplitMix64::stream(seed, Purpose::rates);
    for (Machine& machine : model.machines) machine.rate = low + random.draw(high - low + 1);
  } else {
    const char* word = rateWord.c_str();
    for (Machine& machine : model.machines) {
      machine.rate = strtoull(word, nullptr, 10);
      word = strchr(word, ',') ? strchr(word, ',') + 1 : word;
    }
  }
  for (uint32_t id = 0; id < count; ++id)
    model.machines[id].random = SplitMix64::stream(seed, Purpose::ticks, id);
  if (argc > 6)
    for (uint32_t id = 0; id < count; ++id)
      model.journals.emplace_back(std::string(argv[6]) + "/machine-" + std::to_string(id) + ".csv");

  auto start = std::chrono::steady_clock::now();
  if (argc > 6) model.run<true>(end);
  else model.run<false>(end);
  auto elapsed = std::chrono::steady_clock::now() - start;

  uint64_t clocks = 0;
  for (const Machine& machine : model.machines) clocks += machine.clock;
  printf("%llu %lld %llu\n", (unsigned long long)model.tickCount,
         (long long)std::chrono::duration_cast<std::chrono::nanoseconds>(elapsed).count(),
         (unsigned long long)clocks);
}
