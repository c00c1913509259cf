package dev.weir.service.rpc;

import dev.weir.service.catalog.SensorInfo;
import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fair.Caller;
import dev.weir.service.core.fair.Work;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.Request;
import dev.weir.service.partition.Result;
import dev.weir.service.partition.Topic;
import dev.weir.service.session.Control;
import dev.weir.service.session.Problems;
import dev.weir.service.wire.Definitions;
import dev.weir.service.wire.Partitioner;
import dev.weir.service.wire.SensorName;
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
final class SensorResolution {
  /** What a partition's writer was asked. */
  private record Question(List<Integer> indexes, CompletableFuture<Result> answer) {}

  private final Caller caller;
  private final Topic topic;
  private final List<Sensor> asked;
  private final Definitions definitions;
  private final Control control;
  private final Budget requests;
  private final Map<Integer, Fault> faults = new TreeMap<>();

  private SensorResolution(
      Caller caller,
      Topic topic,
      List<Sensor> asked,
      Definitions definitions,
      Control control,
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
      Topic topic,
      List<Sensor> asked,
      Definitions definitions,
      Control control,
      Budget requests) {
    var resolution = new SensorResolution(caller, topic, asked, definitions, control, requests);
    List<Question> questions = new ArrayList<>();
    resolution
        .missing()
        .forEach((partition, indexes) -> questions.add(resolution.ask(partition, indexes)));
    return questions.isEmpty()
        ? CompletableFuture.completedFuture(resolution.response())
        : resolution.answered(questions);
  }

  private CompletableFuture<ResolveSensorsResponse> answered(List<Question> questions) {
    CompletableFuture<ResolveSensorsResponse> response = new CompletableFuture<>();
    CompletableFuture.allOf(
            questions.stream().map(Question::answer).toArray(CompletableFuture[]::new))
        .thenRun(
            () ->
                control
                    .offer(caller, Work.once(() -> answer(questions, response)))
                    .ifPresent(full -> response.completeExceptionally(full.exception())));
    return response;
  }

  private void answer(
      List<Question> questions, CompletableFuture<ResolveSensorsResponse> response) {
    if (response.isDone()) {
      return; // nobody waits for it any more
    }
    try {
      questions.forEach(this::take);
      response.complete(response());
    } catch (RuntimeException failed) {
      response.completeExceptionally(failed);
    }
  }

  /** The sensors to define, by partition. */
  private Map<Integer, List<Integer>> missing() {
    Map<Integer, List<Integer>> missing = new TreeMap<>();
    for (int i = 0; i < asked.size(); i++) {
      Sensor sensor = asked.get(i);
      SensorInfo known = topic.sensors().byName(sensor.getName());
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

  private Optional<Fault> check(int index, Sensor sensor, boolean stated, SensorInfo known) {
    String path = "sensors[" + index + "]";
    if (stated) {
      return definitions.check(path, sensor);
    }
    Optional<String> name = SensorName.check(sensor.getName());
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
    long bytes = Definitions.memoryBytes(sensors);
    requests.take(bytes);
    question.answer().thenRun(() -> requests.giveBack(bytes));
    if (!partition.offer(new Request.Define(sensors, question.answer()::complete))) {
      question
          .answer()
          .complete(new Result.Rejected(topic.refusal(number, control.retryDelay()), List.of(), 0));
    }
    return question;
  }

  private void take(Question question) {
    Result result = question.answer().join(); // it is there
    List<Integer> indexes = question.indexes();
    if (result instanceof Result.Defined defined) {
      defined.faults().forEach((index, fault) -> faults.put(indexes.get(index), fault));
    } else if (result instanceof Result.Rejected rejected) {
      indexes.forEach(index -> faults.put(index, rejected.fault()));
    } else if (result instanceof Result.Unknown unknown) {
      indexes.forEach(index -> faults.put(index, unknown.fault()));
    }
  }

  private ResolveSensorsResponse response() {
    ResolveSensorsResponse.Builder response = ResolveSensorsResponse.newBuilder();
    for (int i = 0; i < asked.size(); i++) {
      if (faults.containsKey(i)) {
        response.addProblems(Problems.ofSensor(response.getProblemsCount(), i, faults.get(i)));
      } else {
        SensorInfo sensor = topic.sensors().byName(asked.get(i).getName());
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
