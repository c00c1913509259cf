package dev.weir.service.rpc;

import dev.weir.service.config.Limits;
import dev.weir.service.session.Control;
import dev.weir.v1.AdminServiceGrpc;
import dev.weir.v1.Durability;
import dev.weir.v1.GetServerInfoRequest;
import dev.weir.v1.GetServerInfoResponse;
import dev.weir.v1.Limit;
import io.grpc.stub.StreamObserver;

/** What this server is, over gRPC. Immutable. */
public final class AdminRpc extends AdminServiceGrpc.AdminServiceImplBase {
  private final GetServerInfoResponse info;
  private final Unary unary;

  /**
   * Describes a server.
   *
   * @param version of Weir
   * @param engine name of the log engine
   * @param startNanos when it started, Unix nanoseconds
   */
  public AdminRpc(
      String version,
      String engine,
      Limits limits,
      boolean developmentMode,
      long startNanos,
      Control control) {
    GetServerInfoResponse.Builder response =
        GetServerInfoResponse.newBuilder()
            .setVersion(version)
            .setEngine(engine)
            .addDurabilities(Durability.DURABILITY_SYNCED)
            .setDevelopmentMode(developmentMode)
            .setStartTime(CatalogRpc.timestamp(startNanos));
    for (dev.weir.service.config.Limit limit : dev.weir.service.config.Limit.values()) {
      response.addLimits(
          Limit.newBuilder()
              .setName(limit.yamlName())
              .setUnit(limit.unit())
              .setValue(limits.get(limit))
              .setDescription(limit.description()));
    }
    this.info = response.build();
    this.unary = new Unary(control);
  }

  @Override
  public void getServerInfo(
      GetServerInfoRequest request, StreamObserver<GetServerInfoResponse> observer) {
    unary.answer(request, observer, asked -> info);
  }
}
