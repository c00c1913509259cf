package dev.weir.service.catalog;

import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.log.PartitionId;
import dev.weir.service.partition.FakeEngine;
import dev.weir.service.partition.FakeLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A system partition over a fake log, whose thread is the test's. Owned by one test. */
final class SystemLogFixture {
  final FakeEngine engine = new FakeEngine();
  Limits limits = Limits.defaults();
  long nowNanos = 1_000;
  SystemLog system;
  FakeLog log;

  SystemLogFixture() {
    start();
  }

  /** Of the process that runs now. */
  Budget budget;

  long budgetBytes = Long.MAX_VALUE;

  /** A process, whether or not the one before was stopped. */
  void start() {
    engine.restart();
    budget = new Budget("catalog_budget_bytes", budgetBytes);
    try {
      var setting = new SystemLog.Setting(limits, Runnable::run, () -> nowNanos, budget);
      system = SystemLog.open(engine.claim(PartitionId.SYSTEM, true), setting);
      log = engine.log(PartitionId.SYSTEM);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  void stop() throws IOException {
    system.close();
  }

  static TopicInfo topic(String name) {
    return topic(name, name.hashCode());
  }

  static TopicInfo topic(String name, long logId) {
    return TopicInfo.created(name, logId, TopicSettings.synced(2, Map.of("l", "x")), 99, "r");
  }

  /** A cursor of a topic with two partitions. */
  static Cursor cursor(TopicInfo topic, long first, long second) {
    return Cursor.of(topic.logId(), List.of(new Position(1 << 16, first, 0, 0), at(second)));
  }

  private static Position at(long offset) {
    return new Position(1 << 16, offset, 0, 0);
  }

  /** Commits, and gives what will be the answer. */
  List<CursorStore.Outcome> commit(TopicInfo topic, String name, Cursor cursor) {
    List<CursorStore.Outcome> answer = new ArrayList<>();
    system.cursors().commit(topic, name, cursor, answer::add);
    return answer;
  }
}
