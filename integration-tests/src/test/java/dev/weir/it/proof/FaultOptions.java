package dev.weir.it.proof;

import dev.weir.faultinjection.InjectedFaults;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;

/**
 * Has {@code weir serve} start with faults: its hidden options, and the module fault-injection,
 * which the program does not have, on the class path of {@code bin/weir}. Stateless.
 */
public final class FaultOptions {
  private FaultOptions() {}

  /** Adds what the command needs for its faults; nothing without faults. */
  public static void addTo(ProcessBuilder serve, List<String> faults) {
    if (faults.isEmpty()) {
      return;
    }
    serve.command().add("--i-know-this-loses-data");
    faults.forEach(fault -> serve.command().addAll(List.of("--fault", fault)));
    serve.environment().put("WEIR_CLASS_PATH", module().toString());
  }

  /** The module's jar, or its folder of classes where this build has made no jar. */
  private static Path module() {
    try {
      return Path.of(
          InjectedFaults.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the module fault-injection is at no path", e);
    }
  }
}
