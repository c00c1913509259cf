package dev.weir.bench;

import dev.weir.bench.load.Fields;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether every reading arrived, once, in order, bit by bit. Immutable.
 *
 * @param durability what the acks promised
 * @param published readings that {@code publish} took
 * @param acknowledged readings the server acknowledged
 * @param delivered readings the subscriber got
 * @param problems what is not as it must be; empty: all is right
 */
record Outcome(
    String durability, long published, long acknowledged, long delivered, List<String> problems) {
  static Outcome of(String durability, Fields published, Fields subscribed) {
    List<String> problems = new ArrayList<>();
    requireZero(problems, "wrong readings", subscribed.number("wrong"));
    requireZero(problems, "gaps", subscribed.number("gaps"));
    requireZero(problems, "disconnects of the subscriber", subscribed.number("disconnects"));
    requireZero(problems, "disconnects of publishers", published.number("disconnects"));
    requireZero(problems, "publishers that stopped at their bound", published.number("bounded"));
    long sent = published.number("published");
    long acknowledged = published.number("acknowledged");
    long delivered = subscribed.number("delivered");
    requireZero(problems, "readings without ack", sent - acknowledged);
    requireZero(problems, "readings acknowledged and not delivered", acknowledged - delivered);
    if (sent == 0) {
      problems.add("nothing was published");
    }
    return new Outcome(durability, sent, acknowledged, delivered, List.copyOf(problems));
  }

  private static void requireZero(List<String> problems, String what, long count) {
    if (count != 0) {
      problems.add(what + ": " + count);
    }
  }
}
