package dev.weir.service.session.subscribe;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.PingTimeout;
import dev.weir.service.session.SessionOpenRules;
import dev.weir.service.wire.check.UnknownFieldCheck;
import dev.weir.v1.SubscribeOpen;
import dev.weir.v1.SubscribeOpened;
import dev.weir.v1.SubscribeRequest;
import java.util.Optional;

/** The rules of opening a subscribing session, and its answer. Stateless. */
final class SubscribeOpenCheck {
  private SubscribeOpenCheck() {}

  /** Returns what is wrong with the first message, if anything, but for its subscriptions. */
  static Optional<Fault> check(SubscribeRequest request, Limits limits) {
    if (!request.hasOpen()) {
      return Optional.of(
          Fault.of(ErrorCode.SESSION_NOT_OPEN, "The first message of a session must be `open`."));
    }
    SubscribeRequest.Builder alone = request.toBuilder();
    alone.getOpenBuilder().clearSubscriptions(); // each of them is answered by itself
    return UnknownFieldCheck.fault(alone.build())
        .or(() -> SessionOpenRules.client("open.client", request.getOpen().getClient(), limits));
  }

  /** The answer to a good {@code open}. */
  static SubscribeOpened.Builder opened(String session, SubscribeOpen open, Limits limits) {
    SubscribeOpened.Builder answer =
        SubscribeOpened.newBuilder()
            .setSession(session)
            .setSubscriptionsMax(limits.getInt(Limit.SUBSCRIPTIONS_PER_SESSION_MAX))
            .setLivenessInterval(SessionOpenRules.liveness(limits));
    if (open.getFeaturesList().contains(PingTimeout.PING)) {
      answer.setPingInterval(SessionOpenRules.pingInterval(limits));
    }
    return answer;
  }
}
