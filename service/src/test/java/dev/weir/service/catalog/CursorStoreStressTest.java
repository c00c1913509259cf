package dev.weir.service.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.catalog.CursorStore.Outcome;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.log.PartitionId;
import dev.weir.service.partition.FakeEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many threads commit under a few names while one thread stores. */
class CursorStoreStressTest {
  private static final TopicInfo T = SystemLogFixture.topic("t");
  private static final int THREADS = 4;
  private static final int COMMITS = 2_000;

  private final ExecutorService systemThread = Executors.newSingleThreadExecutor();
  private final ExecutorService committers = Executors.newFixedThreadPool(THREADS);

  @AfterEach
  void stop() {
    committers.shutdownNow();
    systemThread.shutdownNow();
  }

  @Test
  void everyCommit_isAnsweredByOneThatCoversIt() throws Exception {
    Limits limits = Limits.defaults().with(Limit.SYSTEM_QUEUE_EVENTS, 1_048_576);
    var setting =
        new SystemLog.Setting(
            limits, systemThread, () -> 7, new Budget("catalog_budget_bytes", Long.MAX_VALUE));
    SystemLog system = SystemLog.open(new FakeEngine().claim(PartitionId.SYSTEM, true), setting);
    system.topics().store(T);
    List<Future<?>> running = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      int own = thread;
      running.add(committers.submit(() -> commit(system.cursors(), own)));
    }
    for (Future<?> one : running) {
      one.get(30, TimeUnit.SECONDS);
    }
    for (int name = 0; name < 2; name++) {
      assertThat(system.cursors().find(T, "n" + name).orElseThrow().cursor())
          .isEqualTo(SystemLogFixture.cursor(T, COMMITS, COMMITS));
    }
    system.close();
  }

  private void commit(CursorStore cursors, int thread) {
    List<CompletableFuture<Outcome>> answers = new ArrayList<>();
    List<Cursor> asked = new ArrayList<>();
    for (int i = 1; i <= COMMITS; i++) {
      boolean first = thread < 2;
      Cursor cursor = SystemLogFixture.cursor(T, first ? i : 0, first ? 0 : i);
      var answer = new CompletableFuture<Outcome>();
      cursors.commit(T, "n" + thread % 2, cursor, answer::complete);
      asked.add(cursor);
      answers.add(answer);
    }
    for (int i = 0; i < COMMITS; i++) {
      Cursor told = ((Outcome.Stored) answers.get(i).join()).cursor();
      assertThat(Cursor.later(told, asked.get(i))).isEqualTo(told);
    }
  }
}
