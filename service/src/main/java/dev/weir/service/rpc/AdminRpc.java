package dev.weir.service.rpc;

import com.google.protobuf.util.Timestamps;
import dev.weir.service.admission.Budgets;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fair.Caller;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.ControlPool;
import dev.weir.service.session.PageToken;
import dev.weir.service.session.ServerContext;
import dev.weir.service.session.SessionDescription;
import dev.weir.service.session.SessionRegistry;
import dev.weir.v1.Budget;
import dev.weir.v1.Durability;
import dev.weir.v1.EndSessionRequest;
import dev.weir.v1.EndSessionResponse;
import dev.weir.v1.GetServerInfoRequest;
import dev.weir.v1.GetServerInfoResponse;
import dev.weir.v1.GetSessionRequest;
import dev.weir.v1.GetSessionResponse;
import dev.weir.v1.Limit;
import dev.weir.v1.ListSessionsRequest;
import dev.weir.v1.ListSessionsResponse;
import dev.weir.v1.Storage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The methods of AdminService: what this server is and who uses it. Thread-safe; they do not block,
 * and each may throw a FaultException.
 */
public final class AdminRpc {
  private static final int PAGE_SIZE_DEFAULT = 100;
  private static final String LIST_SESSIONS = "ListSessions";
  private static final int END_MESSAGE_BYTES_MAX = 256; // of the contract
  private static final List<String> FEATURES =
      List.of(
          "committed_cursors",
          "going_away",
          "memory_topics",
          "modes",
          "overflow",
          "ping",
          "quotas",
          "retention",
          "selectors",
          "sessions",
          "snapshots",
          "upload");

  private final Limits limits;
  private final SessionRegistry sessions;
  private final Budgets budgets;
  private final GetServerInfoResponse info;
  private final GetServerInfoResponse describedInfo; // with texts of limits
  private final ControlPool control;
  private final Supplier<Storage> storage;

  /**
   * Describes a server.
   *
   * @param version of Weir
   * @param engine name of the log engine
   * @param durabilities those that topics can be created with, in the order they are told in
   * @param startNanos when it started, Unix nanoseconds
   * @param context what its sessions share
   * @param storage how its storage is now; does not block
   */
  public AdminRpc(
      String version,
      String engine,
      Set<Durability> durabilities,
      long startNanos,
      ServerContext context,
      Supplier<Storage> storage) {
    this.storage = storage;
    this.limits = context.limits();
    this.sessions = context.sessions();
    this.control = context.control();
    this.budgets = context.admission().budgets();
    GetServerInfoResponse.Builder response =
        GetServerInfoResponse.newBuilder()
            .setVersion(version)
            .setEngine(engine)
            .addAllDurabilities(durabilities)
            .addAllFeatures(FEATURES)
            .setDevelopmentMode(context.developmentMode())
            .setStartTime(Timestamps.fromNanos(startNanos));
    GetServerInfoResponse.Builder described = response.clone();
    for (dev.weir.service.config.Limit limit : dev.weir.service.config.Limit.values()) {
      Limit.Builder told =
          Limit.newBuilder()
              .setName(limit.yamlName())
              .setUnit(limit.unit())
              .setValue(limits.get(limit));
      response.addLimits(told);
      described.addLimits(told.setDescription(limit.description()));
    }
    this.info = response.build();
    this.describedInfo = described.build();
  }

  /** GetServerInfo. */
  public GetServerInfoResponse getServerInfo(GetServerInfoRequest request) {
    GetServerInfoResponse.Builder now =
        (request.getDescribeLimits() ? describedInfo : info).toBuilder().setStorage(storage.get());
    for (dev.weir.service.core.budget.Budget budget : budgets.all()) {
      now.addBudgets(
          Budget.newBuilder()
              .setName(budget.name())
              .setUnit(budget.unit())
              .setLimit(budget.max())
              .setUsed(Math.max(0, budget.used()))
              .setRefusals(budget.refusals()));
    }
    return now.build();
  }

  /** ListSessions. */
  public ListSessionsResponse listSessions(ListSessionsRequest request) {
    SessionRegistry.Page page =
        sessions.page(
            PageToken.place(LIST_SESSIONS, request.getPageToken()),
            pageSize(request.getPageSize()));
    return ListSessionsResponse.newBuilder()
        .addAllSessions(page.sessions())
        .setNextPageToken(PageToken.of(LIST_SESSIONS, page.nextAfterId()))
        .build();
  }

  private int pageSize(int asked) {
    int max = limits.getInt(dev.weir.service.config.Limit.PAGE_SIZE_MAX);
    if (asked < 0 || asked > max) {
      throw Fault.invalid("page_size", "must be from 1 to " + max + ", or 0 for 100").exception();
    }
    return asked == 0 ? Math.min(PAGE_SIZE_DEFAULT, max) : asked;
  }

  /**
   * GetSession: a page that the session fills in slices, and of which the pool makes the answer.
   */
  public CompletableFuture<GetSessionResponse> getSession(
      Caller caller, GetSessionRequest request) {
    String id = required(request.getId());
    SessionDescription page = new SessionDescription(request, limits, budgets.unsent());
    CompletableFuture<GetSessionResponse> answer = new CompletableFuture<>();
    sessions
        .describe(id, page, caller::isWanted)
        .whenComplete(
            (filled, failed) -> {
              if (failed == null) {
                control
                    .make(caller, page::answer)
                    .whenComplete((made, lost) -> end(page, answer, made, lost));
              } else {
                end(page, answer, null, failed);
              }
            });
    return answer;
  }

  private static void end(
      SessionDescription page,
      CompletableFuture<GetSessionResponse> answer,
      GetSessionResponse made,
      Throwable failed) {
    page.release();
    if (failed == null) {
      answer.complete(made);
    } else {
      answer.completeExceptionally(failed);
    }
  }

  /** EndSession. */
  public CompletableFuture<EndSessionResponse> endSession(EndSessionRequest request) {
    String message = request.getMessage();
    int bytes = message.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > END_MESSAGE_BYTES_MAX) {
      throw Fault.invalid(
              "message", "has " + bytes + " bytes of UTF-8, more than " + END_MESSAGE_BYTES_MAX)
          .exception();
    }
    Fault reason =
        Fault.of(
            ErrorCode.SESSION_ENDED,
            message.isEmpty() ? "An operator ended the session." : message);
    return sessions
        .end(required(request.getId()), reason)
        .thenApply(ended -> EndSessionResponse.getDefaultInstance());
  }

  private static String required(String id) {
    if (id.isEmpty()) {
      throw Fault.invalid("id", "is required; ListSessions gives the ids of open sessions")
          .exception();
    }
    return id;
  }
}
