package dev.weir.client.internal.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.WeirException;
import dev.weir.client.internal.errors.ErrorTranslator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Commits against a server that answers, refuses, and loses what is under way. */
class CommitQueueProperties {
  @Property(tries = 300)
  void everyFuture_completesWithACursorAtLeastAsFarOrWithAFailure(@ForAll long seed) {
    Random random = new Random(seed);
    CommitQueue commits = new CommitQueue();
    Map<CompletableFuture<String>, Integer> asked = new LinkedHashMap<>();
    int position = 0;
    int atServer = 0;
    String onTheWire = "";
    for (int step = 0; step < 300; step++) {
      position += random.nextInt(3);
      switch (random.nextInt(6)) {
        case 0 -> asked.merge(commits.ask(cursor(position)), position, Math::max);
        case 1 -> commits.askByClock(cursor(position));
        case 2 -> {
          String next = commits.begin();
          assertThat(onTheWire.isEmpty() || next.isEmpty()).as("one at a time").isTrue();
          onTheWire = next.isEmpty() ? onTheWire : next;
        }
        case 3 -> onTheWire = commits.again(cursor(position));
        case 4 -> {
          if (!onTheWire.isEmpty()) {
            atServer = Math.max(atServer, Integer.parseInt(onTheWire));
            commits.succeed(cursor(atServer));
            assertThat(commits.begin()).as("nobody was told yet").isEmpty();
            CommitQueue.tell(commits.takeAnswer());
            onTheWire = "";
          }
        }
        default -> {
          if (!onTheWire.isEmpty() && random.nextInt(4) == 0) {
            commits.fail(ErrorTranslator.unavailable("refused"));
            CommitQueue.tell(commits.takeAnswer());
            onTheWire = "";
          }
        }
      }
    }
    int[] last = {atServer};
    boolean works = random.nextBoolean();
    WeirException left =
        commits.finish(
            cursor(position),
            cursor -> {
              if (!works) {
                throw ErrorTranslator.unavailable("down");
              }
              last[0] = Math.max(last[0], Integer.parseInt(cursor));
              return cursor(last[0]);
            });
    assertThat(left == null).isEqualTo(works || commits.committed().equals(cursor(position)));
    assertThat(!works || last[0] >= position).as("what was finished is committed").isTrue();
    commits.abandon(ErrorTranslator.closed("the subscriber"));
    asked.forEach(
        (done, upTo) -> {
          assertThat(done).isDone();
          if (!done.isCompletedExceptionally()) {
            assertThat(Integer.parseInt(done.join())).isGreaterThanOrEqualTo(upTo);
          }
        });
  }

  private static String cursor(int position) {
    return String.format("%06d", position);
  }
}
