package dev.weir.service.sim;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.subscribe.SubscribeSession;
import dev.weir.v1.Commit;
import dev.weir.v1.CommitAck;
import dev.weir.v1.GrantCredit;
import dev.weir.v1.Remove;
import dev.weir.v1.SubscribeOpen;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A client with some subscriptions on one call. When the call ends it goes on with the next one
 * behind what it has. Owned by one world.
 */
final class SimSubscriber extends SimClient {
  private static final long SLOW_NANOS_MAX = 25_000_000L;
  private static final long PACE_NANOS_MAX = 30_000_000L;

  private final int number;
  private final List<SimSubscription> subs = new ArrayList<>();
  private final Map<Integer, String> names = new HashMap<>(); // told in this call
  private boolean calm;
  private boolean opened;

  SimSubscriber(SimWorld world, int number, List<Subscription> wanted) {
    super(world, "subscriber");
    this.number = number;
    wanted.forEach(one -> subs.add(new SimSubscription(world, one)));
    pace();
  }

  private void pace() {
    world.schedule.after(
        1 + world.below(PACE_NANOS_MAX),
        line,
        () -> {
          if (call != null && opened) {
            for (SimSubscription sub : subs) {
              if (calm || world.random().nextInt(subs.size()) == 0) {
                act(sub);
              }
            }
          }
          pace();
        });
  }

  private void act(SimSubscription sub) {
    if (sub.credited() && (calm || world.random().nextBoolean())) {
      grant(sub);
    }
    if (!calm
        && world.plan().kind() == SimPlan.Kind.FAULTS
        && world.random().nextInt(12) == 0
        && sub.remove()) {
      world.tally.add("subscriptions removed");
      call.send(
          SubscribeRequest.newBuilder()
              .setRemove(Remove.newBuilder().setSubscription(sub.id()))
              .build());
      return;
    }
    String cursor = sub.name().isEmpty() ? "" : sub.takeCommitable();
    if (!cursor.isEmpty()) {
      world.book.commitAsked(sub.name(), Cursor.parse(cursor).orElseThrow());
      call.send(
          SubscribeRequest.newBuilder()
              .setCommit(Commit.newBuilder().setSubscription(sub.id()).setCursor(cursor))
              .build());
    }
  }

  private void grant(SimSubscription sub) {
    call.send(
        SubscribeRequest.newBuilder()
            .setCredit(
                GrantCredit.newBuilder().setSubscription(sub.id()).setCredit(sub.grant(calm)))
            .build());
  }

  /** From now on it grants all there is. */
  void calmDown() {
    calm = true;
  }

  @Override
  SimCall start() {
    SimCall started =
        new SimCall(
            world.schedule,
            world.server(),
            this,
            SubscribeSession::new,
            wrong -> world.book.fail("%s: %s", describe(), wrong));
    names.clear();
    opened = false;
    SubscribeOpen.Builder open = SubscribeOpen.newBuilder();
    subs.forEach(sub -> open.addSubscriptions(sub.ask()));
    started.send(SubscribeRequest.newBuilder().setOpen(open).build());
    return started;
  }

  @Override
  public void onMessage(byte[] message) {
    try {
      SubscribeResponse told = world.broken.told(SubscribeResponse.parseFrom(message));
      if (told != null) {
        world.trace("told", this, told);
        take(told);
        if (world.plan().kind() == SimPlan.Kind.HAND_OVERS
            && !calm
            && world.random().nextInt(3) == 0) {
          call.stall(world.below(SLOW_NANOS_MAX));
        }
      }
    } catch (InvalidProtocolBufferException malformed) {
      world.book.fail("%s was told nonsense: %s", describe(), malformed);
    }
  }

  private void take(SubscribeResponse told) {
    switch (told.getResponseCase()) {
      case OPENED -> opened = true;
      case SENSORS ->
          told.getSensors()
              .getSensorsList()
              .forEach(
                  sensor -> {
                    names.put(sensor.getId(), sensor.getName());
                    world.book.defined(sensor.getId(), sensor.getName());
                  });
      case STATUS -> {
        if (!sub(told.getStatus().getSubscription()).status(told.getStatus())) {
          later(sub(told.getStatus().getSubscription()));
        }
      }
      case DELIVERY ->
          sub(told.getDelivery().getSubscription()).delivery(told.getDelivery(), names);
      case PHASE -> sub(told.getPhase().getSubscription()).phase(told.getPhase());
      case GAP -> sub(told.getGap().getSubscription()).gap(told.getGap());
      case PROGRESS -> sub(told.getProgress().getSubscription()).progress(told.getProgress());
      case COMMIT_ACK -> committed(told.getCommitAck());
      case END -> {
        SimSubscription ended = sub(told.getEnd().getSubscription());
        ended.end(told.getEnd());
        later(ended);
      }
      case REFUSED -> {
        String reason = told.getRefused().getProblem().getReason();
        if (!List.of(
                "STORE_FAILED",
                "DISK_FULL",
                "OVERLOADED",
                "PARTITION_UNAVAILABLE",
                "SHUTTING_DOWN",
                "SUBSCRIPTION_NOT_FOUND")
            .contains(reason)) {
          world.book.fail("%s was told %s", describe(), told);
        }
      }
      default -> world.book.fail("%s was told %s", describe(), told);
    }
  }

  private SimSubscription sub(int id) {
    return subs.get(id);
  }

  /** Adds a subscription that ended again, after a while. */
  private void later(SimSubscription sub) {
    SimCall on = call;
    world.schedule.after(
        world.below(PACE_NANOS_MAX),
        line,
        () -> {
          if (call == on && call != null) {
            call.send(SubscribeRequest.newBuilder().setAdd(sub.ask()).build());
          }
        });
  }

  private void committed(CommitAck ack) {
    Cursor cursor = Cursor.parse(ack.getCursor()).orElse(null);
    if (cursor == null) {
      world.book.fail("%s was told %s", describe(), ack);
    } else {
      sub(ack.getSubscription()).commitAcked(cursor);
      world.tally.add("commits acked", 1);
    }
  }

  @Override
  void onOver(Fault fault) {
    opened = false;
  }

  @Override
  boolean stopped() {
    return false;
  }

  @Override
  boolean done() {
    return call != null && subs.stream().allMatch(SimSubscription::done);
  }

  void checkRest() {
    subs.forEach(SimSubscription::checkRest);
  }

  @Override
  String describe() {
    return "subscriber " + number + (call == null ? " without a call " : " ") + subs;
  }

  @Override
  public String toString() {
    return "subscriber " + number;
  }
}
