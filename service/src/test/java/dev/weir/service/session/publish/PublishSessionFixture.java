package dev.weir.service.session.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limits;
import dev.weir.service.partition.FakeLog;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.PartitionResult;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.TestPeer;
import dev.weir.service.session.TestServerContext;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.Ack;
import dev.weir.v1.Batch;
import dev.weir.v1.Define;
import dev.weir.v1.Kind;
import dev.weir.v1.Ping;
import dev.weir.v1.PublishBatch;
import dev.weir.v1.PublishOpen;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.PublishStreamResponse;
import java.util.ArrayList;
import java.util.List;

/** Publishing sessions over a fake log. Owned by one test. */
abstract class PublishSessionFixture {
  TestServerContext context = new TestServerContext(Limits.defaults());
  ServedTopic topic = context.topic("t", 1);
  FakeLog log = context.world.log(topic, 0);

  void with(Limits limits, int partitions) {
    context = new TestServerContext(limits);
    topic = context.topic("t", partitions);
    log = context.world.log(topic, 0);
  }

  TestPeer<PublishStreamResponse> start() {
    return new TestPeer<>(
        context,
        PublishStreamResponse.parser(),
        out -> new PublishSession(context.context, context.loop, out));
  }

  static PublishStreamRequest open(String producer, long epoch) {
    return PublishStreamRequest.newBuilder()
        .setOpen(PublishOpen.newBuilder().setTopic("t").setProducer(producer).setEpoch(epoch))
        .build();
  }

  TestPeer<PublishStreamResponse> opened(String producer, long epoch) {
    TestPeer<PublishStreamResponse> peer = start().send(open(producer, epoch));
    context.run();
    assertThat(peer.last().hasOpened()).as("%s", peer.failed).isTrue();
    return peer;
  }

  static PublishStreamRequest batch(long sequence, Batch batch) {
    return PublishStreamRequest.newBuilder()
        .setBatch(PublishBatch.newBuilder().setSequence(sequence).setBatch(batch))
        .build();
  }

  static PublishStreamRequest rows(long sequence, String sensor) {
    return batch(sequence, SampleBatches.rows(sensor, sequence));
  }

  static PublishStreamRequest ids(long sequence, int id) {
    return batch(sequence, SampleBatches.ids(id, sequence));
  }

  static PublishStreamRequest define(String... names) {
    Define.Builder define = Define.newBuilder().setId(names.length);
    for (String name : names) {
      define.addSensors(SampleBatches.sensor(name, Kind.KIND_INTEGER));
    }
    return PublishStreamRequest.newBuilder().setDefine(define).build();
  }

  static PublishStreamRequest ping(long id) {
    return PublishStreamRequest.newBuilder().setPing(Ping.newBuilder().setId(id)).build();
  }

  static List<Ack> acks(TestPeer<PublishStreamResponse> peer) {
    return peer.got.stream()
        .filter(PublishStreamResponse::hasAck)
        .map(PublishStreamResponse::getAck)
        .toList();
  }

  static List<String> rejects(TestPeer<PublishStreamResponse> peer) {
    return peer.got.stream()
        .filter(PublishStreamResponse::hasReject)
        .map(
            said ->
                said.getReject().getSequence()
                    + " "
                    + said.getReject().getProblem().getReason()
                    + " "
                    + said.getReject().getExpectedSequence())
        .toList();
  }

  /** Nothing of the session is left anywhere. */
  void assertReleased(TestPeer<PublishStreamResponse> peer) {
    peer.close();
    context.run();
    assertThat(context.sessions.count()).isZero();
    for (int p = 0; p < topic.partitions().size(); p++) {
      PublishSession session = (PublishSession) peer.session();
      List<PartitionResult> results = new ArrayList<>();
      topic
          .partitions()
          .get(p)
          .offer(
              new PartitionRequest.Append(
                  session,
                  "left",
                  session.epoch(),
                  1,
                  SampleBatches.named(SampleBatches.name(0, p, topic.partitions().size()), 1),
                  results::add));
      context.run();
      assertThat(results).as("no session of partition %s", p).hasSize(1);
      assertThat(results.get(0)).isInstanceOf(PartitionResult.Rejected.class);
    }
  }
}
