package dev.weir.it.proxy;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.function.Function;

/** A client's connection to the server, through the proxy. Owned by the proxy's thread. */
final class ProxiedConnection {
  private final SocketChannel client;
  private final SocketChannel server;
  private final SelectionKey clientKey;
  private final SelectionKey serverKey;
  private final ProxyDirection up;
  private final ProxyDirection down;
  private final ProxyDirection main;
  private final PendingMessages traffic;
  private final ConnectionFaultPlan harms;
  private final FaultProxy proxy;

  private ConnectionFault harm; // null: none
  private int messages;
  private boolean suffers;
  private long lasts; // messages since it began
  private long othersAtBegin;
  private boolean closed;

  ProxiedConnection(
      FaultProxy proxy,
      Selector selector,
      SocketChannel client,
      SocketChannel server,
      ConnectionFaultPlan harms)
      throws IOException {
    this.proxy = proxy;
    this.client = client;
    this.server = server;
    this.harms = harms;
    this.traffic = proxy.traffic();
    client.configureBlocking(false);
    server.configureBlocking(false);
    clientKey = client.register(selector, SelectionKey.OP_READ, this);
    serverKey = server.register(selector, SelectionKey.OP_READ, this);
    up = new ProxyDirection(client, server, GrpcMessageParser.ofClient(), message -> {});
    down = new ProxyDirection(server, client, GrpcMessageParser.ofServer(), traffic::onPassed);
    main = traffic.side() == PendingMessages.Side.CLIENT ? up : down;
    harm = harms.next();
  }

  boolean isClosed() {
    return closed;
  }

  /** Returns whether it moves without being asked to. */
  boolean drips() {
    return suffers && main.drips();
  }

  boolean isStalled() {
    return suffers && harm.kind() == ConnectionFault.Kind.STALLED;
  }

  /** Moves what can be moved. */
  void step() {
    try {
      move(up, traffic::onAsked);
      move(down, traffic::onSaid);
      if (suffers && isEnough()) {
        endHarm();
      }
      if (!closed && (up.isOver() || down.isOver())) {
        close(false);
      }
      if (!closed) {
        clientKey.interestOps(up.interest(client) | down.interest(client));
        serverKey.interestOps(up.interest(server) | down.interest(server));
      }
    } catch (IOException broken) {
      close(true); // one side broke it; the other hears of it
    }
  }

  private void move(ProxyDirection pipe, Function<byte[], Boolean> matters) throws IOException {
    for (GrpcMessageParser.Message message : pipe.read()) {
      if (matters.apply(message.bytes())) {
        count(pipe, message);
      }
    }
    pipe.write();
  }

  private void count(ProxyDirection pipe, GrpcMessageParser.Message message) {
    if (suffers) {
      boolean counts =
          harm.kind() == ConnectionFault.Kind.ATE_ANSWERS ? pipe == down : pipe == main;
      lasts += counts ? 1 : 0;
    } else if (pipe == main) {
      proxy.onMessage();
      messages++;
      if (harm != null && messages >= harm.afterMessages()) {
        begin(message);
      }
    }
  }

  private void begin(GrpcMessageParser.Message message) {
    if (harm.kind() == ConnectionFault.Kind.STALLED && !proxy.mayStall()) {
      harm = harm.instead(ConnectionFault.Kind.CUT); // somebody must move on
    }
    suffers = true;
    lasts = main == up && harm.kind() == ConnectionFault.Kind.ATE_ANSWERS ? 0 : 1;
    othersAtBegin = proxy.messages();
    switch (harm.kind()) {
      case CUT -> main.stopAt(message.end() - back(message.bytes().length));
      case ATE_ANSWERS -> down.mode(ProxyDirection.Mode.SWALLOW);
      case STALLED -> modes(ProxyDirection.Mode.HOLD);
      case HALF_OPEN -> modes(ProxyDirection.Mode.SWALLOW);
      case DRIPPED -> main.mode(ProxyDirection.Mode.DRIP);
    }
  }

  /** A delivery that arrives as a whole would be no hit. */
  private long back(int bytes) {
    return Math.max(main == down ? 1 : 0, harm.back(bytes));
  }

  private void modes(ProxyDirection.Mode mode) {
    up.mode(mode);
    down.mode(mode);
  }

  private boolean isEnough() {
    return switch (harm.kind()) {
      case CUT -> main.isStopped();
      case ATE_ANSWERS, HALF_OPEN -> lasts >= harm.amount();
      case STALLED -> proxy.messages() - othersAtBegin >= harm.amount();
      case DRIPPED -> main.dripped() >= harm.amount();
    };
  }

  private void endHarm() throws IOException {
    if (harm.kind() == ConnectionFault.Kind.STALLED && !harm.endsStall()) {
      suffers = false;
      messages = 0;
      harm = harms.next();
      modes(ProxyDirection.Mode.PASS);
    } else {
      cut();
    }
  }

  /** No more harm; what has begun ends now. */
  void heal() {
    harm = suffers ? harm : null;
    if (suffers) {
      cut();
    }
  }

  private void cut() {
    harms.onCut(harm.kind(), traffic.open());
    close(harm.reset());
  }

  /** Ends both sides, with a reset or a farewell. */
  void close(boolean reset) {
    closed = true;
    for (SocketChannel socket : new SocketChannel[] {client, server}) {
      try (socket) {
        if (reset) {
          socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
      } catch (IOException gone) {
        assert !socket.isOpen() : gone;
      }
    }
  }
}
