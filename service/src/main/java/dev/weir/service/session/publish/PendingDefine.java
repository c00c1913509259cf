package dev.weir.service.session.publish;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.catalog.DefinedSensor;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.PartitionResult;
import dev.weir.service.session.ProblemMessages;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.wire.check.BatchLimits;
import dev.weir.service.wire.names.DefinitionRules;
import dev.weir.service.wire.names.Partitioner;
import dev.weir.v1.Define;
import dev.weir.v1.Defined;
import dev.weir.v1.Sensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * One {@code define}: splits its sensors by partition and gathers the answers. Owned by the event
 * loop; answers of the writers are posted to it.
 */
@OwnedBy("event loop")
final class PendingDefine {
  /**
   * The outcome of a define.
   *
   * @param message the answer
   * @param bindings the sensors that are defined
   */
  record Outcome(Defined message, List<DefinedSensor> bindings) {}

  private final long id;
  private final List<DefinedSensor> bindings = new ArrayList<>();
  private final Map<Integer, Fault> faults = new TreeMap<>();
  private final Duration retryDelay;
  private final Consumer<Outcome> done;
  private int left = 1;

  private PendingDefine(long id, Duration retryDelay, Consumer<Outcome> done) {
    this.id = id;
    this.retryDelay = retryDelay;
    this.done = done;
  }

  /**
   * Starts.
   *
   * @param retryDelay told where a partition's queue has no room
   * @param done is called once on the loop, perhaps before this returns
   */
  static void start(
      Define define,
      ServedTopic topic,
      BatchLimits limits,
      Loop loop,
      Duration retryDelay,
      Consumer<Outcome> done) {
    PendingDefine defining = new PendingDefine(define.getId(), retryDelay, done);
    if (define.getSensorsCount() > limits.batchSensorsMax()) {
      Fault tooMany =
          Fault.of(
              ErrorCode.TOO_LARGE,
              "The request defines "
                  + define.getSensorsCount()
                  + " sensors, more than batch_sensors_max ("
                  + limits.batchSensorsMax()
                  + "). Send fewer at once.");
      for (int i = 0; i < define.getSensorsCount(); i++) {
        defining.faults.put(i, tooMany);
      }
    } else {
      defining.split(define, topic, limits.definitions(), loop);
    }
    defining.answered();
  }

  private void split(Define define, ServedTopic topic, DefinitionRules definitions, Loop loop) {
    int partitions = topic.partitions().size();
    List<List<Integer>> indexes = new ArrayList<>();
    for (int p = 0; p < partitions; p++) {
      indexes.add(new ArrayList<>());
    }
    for (int i = 0; i < define.getSensorsCount(); i++) {
      Sensor sensor = define.getSensors(i);
      Optional<Fault> wrong = definitions.check("define.sensors[" + i + "]", sensor);
      if (wrong.isPresent()) {
        faults.put(i, wrong.get());
      } else {
        indexes.get(Partitioner.partition(sensor.getName(), partitions)).add(i);
      }
    }
    for (Partition partition : topic.partitions()) {
      List<Integer> own = indexes.get(partition.number());
      if (!own.isEmpty()) {
        left++;
        ask(topic, partition, define, own, loop);
      }
    }
  }

  private void ask(
      ServedTopic topic, Partition partition, Define define, List<Integer> own, Loop loop) {
    List<Sensor> sensors = own.stream().map(define::getSensors).toList();
    boolean taken =
        partition.offer(
            new PartitionRequest.Define(sensors, result -> loop.post(() -> onResult(own, result))));
    if (!taken) {
      Fault refusal = topic.refusal(partition.number(), retryDelay);
      own.forEach(index -> faults.put(index, refusal));
      left--;
    }
  }

  private void onResult(List<Integer> own, PartitionResult result) {
    if (result instanceof PartitionResult.Defined defined) {
      bindings.addAll(defined.bindings());
      defined.faults().forEach((index, fault) -> faults.put(own.get(index), fault));
    } else if (result instanceof PartitionResult.Rejected rejected) {
      own.forEach(index -> faults.put(index, rejected.fault()));
    } else if (result instanceof PartitionResult.Unknown nobodyKnows) {
      own.forEach(index -> faults.put(index, nobodyKnows.fault())); // asked again, it says more
    }
    answered();
  }

  private void answered() {
    if (--left > 0) {
      return;
    }
    Defined.Builder message = Defined.newBuilder().setId(id);
    bindings.forEach(sensor -> message.addBindings(PublishResponseQueue.binding(sensor)));
    faults.forEach(
        (index, fault) ->
            message.addProblems(
                ProblemMessages.ofSensor(message.getProblemsCount(), index, fault)));
    done.accept(new Outcome(message.build(), bindings));
  }
}
