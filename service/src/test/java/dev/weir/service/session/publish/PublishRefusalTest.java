package dev.weir.service.session.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.TestPeer;
import dev.weir.service.session.TestServerContext;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishResponse;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.UploadOpen;
import dev.weir.v1.UploadRequest;
import dev.weir.v1.UploadResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What is told where a partition takes nothing. */
class PublishRefusalTest {
  private static final Duration DELAY = Duration.ofMillis(5);

  private final TestServerContext context =
      new TestServerContext(Limits.defaults().with(Limit.PARTITION_QUEUE_REQUESTS, 16));
  private final ServedTopic topic = context.topic("t", 1);
  private final Partition partition = topic.partitions().get(0);

  private void fill() {
    while (partition.offer(new PartitionRequest.AskEpoch("a", epoch -> {}))) {
      assertThat(partition.closing()).isFalse();
    }
  }

  @Test
  void refusal_saysWhyAndWhenToComeAgain() {
    fill();
    Fault full = topic.refusal(0, DELAY);
    assertThat(full.code()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(full.message()).contains("partition 0 of topic t", "partition_queue_requests (16)");
    assertThat(full.retryDelay()).contains(DELAY);
    partition.close();
    Fault stopping = topic.refusal(0, DELAY);
    assertThat(stopping.code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
    assertThat(stopping.retryDelay()).contains(DELAY);
    context.world.topics().delete("t");
    assertThat(topic.refusal(0, DELAY).code()).isEqualTo(ErrorCode.TOPIC_NOT_FOUND);
  }

  @Test
  void publishIntoATopicJustDeleted_isNotFound() {
    var peer =
        new TestPeer<>(
            context,
            PublishResponse.parser(),
            out -> new PublishCall(context.context, context.loop, out));
    peer.send(
        PublishRequest.newBuilder().setTopic("t").setBatch(SampleBatches.rows("x", 1)).build());
    assertThat(context.control.runOne()).as("the topic is found").isTrue();
    context.world.topics().delete("t");
    context.run();
    assertThat(peer.failed.code()).isEqualTo(ErrorCode.TOPIC_NOT_FOUND);
  }

  @Test
  void sessionOpeningOnATopicJustDeleted_isNotFound() {
    for (String method : new String[] {"upload", "publish"}) {
      context.topic(method, 1);
      TestPeer<?> peer =
          method.equals("upload")
              ? new TestPeer<>(
                  context,
                  UploadResponse.parser(),
                  out -> new UploadCall(context.context, context.loop, out))
              : new TestPeer<>(
                  context,
                  PublishStreamResponse.parser(),
                  out -> new PublishSession(context.context, context.loop, out));
      peer.send(
          UploadRequest.newBuilder().setOpen(UploadOpen.newBuilder().setTopic(method)).build());
      context.world.topics().delete(method);
      context.run();
      assertThat(peer.failed.code()).as(method).isEqualTo(ErrorCode.TOPIC_NOT_FOUND);
      assertThat(context.sessions.count()).as(method).isZero();
    }
  }
}
