package dev.weir.service.app.fault;

import java.util.List;
import java.util.ServiceLoader;

/**
 * Makes the faults that the hidden option {@code --fault} of {@code weir serve} asks for. The
 * module fault-injection has the only one, and {@link ServiceLoader} finds it. Implementations are
 * stateless.
 */
public interface FaultInjector {
  /**
   * Makes the faults of one server.
   *
   * @param words what follows each {@code --fault}
   * @throws IllegalArgumentException for words that it does not know
   */
  ServerFaults faults(List<String> words);

  /**
   * Has the injector on the class path make the faults; without words there are none, whatever is
   * on the class path.
   *
   * @throws IllegalArgumentException for words that the injector does not know, and for any word
   *     where the class path has no injector
   */
  static ServerFaults load(List<String> words) {
    if (words.isEmpty()) {
      return ServerFaults.NONE;
    }
    return ServiceLoader.load(FaultInjector.class, FaultInjector.class.getClassLoader())
        .findFirst()
        .orElseThrow(() -> missing(words))
        .faults(words);
  }

  private static IllegalArgumentException missing(List<String> words) {
    return new IllegalArgumentException(
        "fault: "
            + String.join(", ", words)
            + " (expected none: the faults are in the module weir-fault-injection, which is not on the"
            + " class path; docs/reliability.md says how to put it there)");
  }
}
