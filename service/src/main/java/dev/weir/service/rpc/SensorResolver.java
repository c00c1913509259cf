package dev.weir.service.rpc;

import dev.weir.common.OwnedBy;
import dev.weir.service.catalog.DefinedSensor;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fair.Caller;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.PartitionResult;
import dev.weir.service.session.ControlPool;
import dev.weir.service.session.ProblemMessages;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.wire.names.DefinitionRules;
import dev.weir.service.wire.names.Partitioner;
import dev.weir.service.wire.names.SensorNameRule;
import dev.weir.v1.Kind;
import dev.weir.v1.ResolveSensorsResponse;
import dev.weir.v1.Sensor;
import dev.weir.v1.SensorBinding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * One ResolveSensors: looks sensors up, and has the writers define those that are missing. Owned by
 * the control thread that runs it: one asks the writers, and another one answers when they have.
 */
@OwnedBy("control pool")
final class SensorResolver {
  /** A request to a partition's writer. */
  private record Question(List<Integer> indexes, CompletableFuture<PartitionResult> answer) {}

  private final Caller caller;
  private final ServedTopic topic;
  private final List<Sensor> asked;
  private final DefinitionRules definitions;
  private final ControlPool control;
  private final Budget requests;
  private final Map<Integer, Fault> faults = new TreeMap<>();

  private SensorResolver(
      Caller caller,
      ServedTopic topic,
      List<Sensor> asked,
      DefinitionRules definitions,
      ControlPool control,
      Budget requests) {
    this.caller = caller;
    this.topic = topic;
    this.asked = asked;
    this.definitions = definitions;
    this.control = control;
    this.requests = requests;
  }

  /**
   * Resolves sensors. Control pool, which waits for nothing: a writer whose sync hangs must not
   * hold those who ask others.
   *
   * @param caller for whom
   * @param control makes the answer when the writers have theirs
   * @param requests counts what waits for writers, also when nobody waits for the answer any more
   * @return fails with a FaultException where nobody knows what is defined
   */
  static CompletableFuture<ResolveSensorsResponse> run(
      Caller caller,
      ServedTopic topic,
      List<Sensor> asked,
      DefinitionRules definitions,
      ControlPool control,
      Budget requests) {
    var resolution = new SensorResolver(caller, topic, asked, definitions, control, requests);
    List<Question> questions = new ArrayList<>();
    resolution
        .missing()
        .forEach((partition, indexes) -> questions.add(resolution.ask(partition, indexes)));
    return questions.isEmpty()
        ? CompletableFuture.completedFuture(resolution.response())
        : resolution.answered(questions);
  }

  /**
   * Returns the answer once the writers have replied; if nobody waits for it any more, nothing of
   * the request is held.
   */
  private CompletableFuture<ResolveSensorsResponse> answered(List<Question> questions) {
    CompletableFuture<Void> all =
        CompletableFuture.allOf(
            questions.stream().map(Question::answer).toArray(CompletableFuture[]::new));
    return control.makeAfter(
        all,
        caller,
        () -> {
          questions.forEach(this::take);
          return response();
        });
  }

  /** The sensors to define, by partition. */
  private Map<Integer, List<Integer>> missing() {
    Map<Integer, List<Integer>> missing = new TreeMap<>();
    for (int i = 0; i < asked.size(); i++) {
      Sensor sensor = asked.get(i);
      DefinedSensor known = topic.sensors().byName(sensor.getName());
      boolean stated = sensor.getKind() != Kind.KIND_UNSPECIFIED;
      Optional<Fault> wrong = check(i, sensor, stated, known);
      if (wrong.isPresent()) {
        faults.put(i, wrong.get());
      } else if (known == null || stated && known.kind() != sensor.getKindValue()) {
        int partition = Partitioner.partition(sensor.getName(), topic.partitions().size());
        missing.computeIfAbsent(partition, p -> new ArrayList<>()).add(i);
      }
    }
    return missing;
  }

  private Optional<Fault> check(int index, Sensor sensor, boolean stated, DefinedSensor known) {
    String path = "sensors[" + index + "]";
    if (stated) {
      return definitions.check(path, sensor);
    }
    Optional<String> name = SensorNameRule.check(sensor.getName());
    if (name.isPresent()) {
      return name.map(why -> Fault.invalid(path + ".name", why));
    }
    return known != null
        ? Optional.empty()
        : Optional.of(
            Fault.field(
                ErrorCode.SENSOR_NOT_FOUND,
                path,
                "topic "
                    + topic.info().name()
                    + " has no sensor of this name; state its kind to define it"));
  }

  private Question ask(int number, List<Integer> indexes) {
    Partition partition = topic.partitions().get(number);
    var question = new Question(indexes, new CompletableFuture<>());
    List<Sensor> sensors = indexes.stream().map(asked::get).toList();
    long bytes = DefinitionRules.memoryBytes(sensors);
    requests.take(bytes);
    question.answer().thenRun(() -> requests.giveBack(bytes));
    if (!partition.offer(new PartitionRequest.Define(sensors, question.answer()::complete))) {
      question
          .answer()
          .complete(
              new PartitionResult.Rejected(
                  topic.refusal(number, control.retryDelay()), List.of(), 0));
    }
    return question;
  }

  private void take(Question question) {
    PartitionResult result = question.answer().join(); // it is there
    List<Integer> indexes = question.indexes();
    if (result instanceof PartitionResult.Defined defined) {
      defined.faults().forEach((index, fault) -> faults.put(indexes.get(index), fault));
    } else if (result instanceof PartitionResult.Rejected rejected) {
      indexes.forEach(index -> faults.put(index, rejected.fault()));
    } else if (result instanceof PartitionResult.Unknown unknown) {
      indexes.forEach(index -> faults.put(index, unknown.fault()));
    }
  }

  private ResolveSensorsResponse response() {
    ResolveSensorsResponse.Builder response = ResolveSensorsResponse.newBuilder();
    for (int i = 0; i < asked.size(); i++) {
      if (faults.containsKey(i)) {
        response.addProblems(
            ProblemMessages.ofSensor(response.getProblemsCount(), i, faults.get(i)));
      } else {
        DefinedSensor sensor = topic.sensors().byName(asked.get(i).getName());
        response.addBindings(
            SensorBinding.newBuilder()
                .setName(sensor.name())
                .setId(sensor.id())
                .setKindValue(sensor.kind()));
      }
    }
    return response.build();
  }
}
