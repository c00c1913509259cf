package dev.weir.service.session.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.session.TestPeer;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.Refused;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What publishing sessions are charged for the ids that they may use. */
class BoundSensorIdsBudgetTest extends PublishSessionFixture {
  private static final int SENSORS = 5_120; // 20 pages of 256 ids
  private static final int BUDGET = 63_000;

  private Budget sessions() {
    return context.context.admission().budgets().sessions();
  }

  private static String[] names(int step) {
    String[] names = new String[SENSORS / step];
    Arrays.setAll(names, i -> "s" + i * step);
    return names;
  }

  @Test
  void definitionsOfScatteredSensors_areRefusedAsAWhole_whereTheirIdsHaveNoRoom() {
    with(
        Limits.defaults()
            .with(Limit.BATCH_SENSORS_MAX, SENSORS)
            .with(Limit.SESSION_BUDGET_BYTES, BUDGET),
        1);
    TestPeer<PublishStreamResponse> all = opened("all", 0);
    all.send(define(names(1)));
    context.run();
    assertThat(all.last().getDefined().getBindingsCount()).isEqualTo(SENSORS);
    all.close();
    context.run();
    long before = sessions().used();
    List<TestPeer<PublishStreamResponse>> peers = new ArrayList<>();
    int refused = 0;
    for (int i = 0; i < 20 && refused == 0; i++) {
      TestPeer<PublishStreamResponse> peer = opened("p" + i, 0);
      peers.add(peer);
      peer.send(define(names(256)));
      context.run();
      assertThat(sessions().used()).isLessThanOrEqualTo(sessions().max());
      refused += peer.last().hasRefused() ? 1 : 0;
    }
    assertThat(peers.size()).as("some fit").isBetween(5, 15);
    Refused last = peers.get(peers.size() - 1).last().getRefused();
    assertThat(last.getProblem().getReason()).isEqualTo("OVERLOADED");
    assertThat(last.getProblem().getMessage()).contains("session_budget_bytes");
    peers.get(0).close();
    context.run();
    peers.get(peers.size() - 1).send(define(names(256)));
    context.run();
    assertThat(peers.get(peers.size() - 1).last().getDefined().getBindingsCount()).isEqualTo(20);
    peers.forEach(TestPeer::close);
    context.run();
    assertThat(sessions().used()).isEqualTo(before);
  }
}
