package dev.weir.cli;

import dev.weir.cli.demo.DemoCommand;
import dev.weir.cli.demo.DemoPublisher;
import dev.weir.cli.demo.DemoSubscriber;
import dev.weir.cli.shell.CommandFailure;
import dev.weir.cli.shell.StandardStreams;
import dev.weir.cli.text.DurationText;
import dev.weir.cli.text.TimeText;
import dev.weir.service.app.WeirServer;
import dev.weir.service.config.ConfigException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * The {@code weir} command: takes the command line apart and ends the process with an exit code: 0
 * done, 1 failed, 2 used wrongly. Stateless.
 */
@Command(
    name = "weir",
    mixinStandardHelpOptions = true,
    versionProvider = WeirCommand.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    description = "Streams sensor readings through a durable log, over gRPC.",
    footer = {
      "",
      "First steps, in two terminals:",
      "  bin/weir serve --data data",
      "  bin/weir publish plant1 boiler/temperature 21.5",
      "  bin/weir tail plant1 --from earliest --until now",
      "",
      "Exit codes: 0 done, 1 failed, 2 used wrongly. WEIR_LOG=DEBUG logs more on standard error."
    })
public final class WeirCommand implements Runnable {
  private static final int HELP_COLUMNS = 100;

  @Spec private CommandSpec spec;

  private WeirCommand() {}

  public static void main(String[] args) {
    // Before the first logger exists: a server logs what it does, other commands only what is
    // wrong.
    if (args.length > 0 && args[0].equals("serve")) {
      System.setProperty("weir.log.level", "INFO");
    }
    System.exit(run(StandardStreams.ofProcess(), args));
  }

  /**
   * Runs one command line and gives its exit code. Any thread; {@code serve} and {@code demo} end
   * the process themselves.
   */
  public static int run(StandardStreams streams, String... args) {
    CommandLine commands = new CommandLine(new WeirCommand());
    subcommands(streams, args).forEach(commands::addSubcommand);
    commands
        .registerConverter(Duration.class, converter(DurationText::parse))
        .registerConverter(
            Instant.class, converter(text -> Instant.EPOCH.plusNanos(TimeText.parse(text))))
        .setOut(new PrintWriter(streams.out(), true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(streams.err(), true, StandardCharsets.UTF_8))
        .setUsageHelpWidth(HELP_COLUMNS)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setAbbreviatedOptionsAllowed(false)
        .setParameterExceptionHandler((e, wrong) -> usage(streams, e))
        .setExecutionExceptionHandler((e, command, parsed) -> failure(streams, e));
    int exitCode = commands.execute(args);
    streams.out().flush();
    return exitCode;
  }

  /**
   * The one that the command line names; all of them where it names none. Taking the options of all
   * of them apart would take longer than a server needs to be ready.
   */
  private static List<Object> subcommands(StandardStreams streams, String... args) {
    Map<String, Function<StandardStreams, Object>> all = new LinkedHashMap<>();
    all.put("serve", ServeCommand::new);
    all.put("publish", PublishCommand::new);
    all.put("tail", TailCommand::new);
    all.put("latest", LatestCommand::new);
    all.put("topics", TopicsCommand::new);
    all.put("cursors", CursorsCommand::new);
    all.put("sessions", SessionsCommand::new);
    all.put("info", InfoCommand::new);
    all.put("dump", DumpCommand::new);
    all.put("verify", VerifyCommand::new);
    all.put("demo", DemoCommand::new);
    all.put("demo-publisher", DemoPublisher::new);
    all.put("demo-subscriber", DemoSubscriber::new);
    Function<StandardStreams, Object> named = args.length == 0 ? null : all.get(args[0]);
    return named == null
        ? all.values().stream().map(make -> make.apply(streams)).toList()
        : List.of(named.apply(streams));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command? See `weir --help`.");
  }

  /** Shows the message of our parsers instead of the name of a Java class. */
  private static <T> ITypeConverter<T> converter(Function<String, T> parse) {
    return text -> {
      try {
        return parse.apply(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    };
  }

  private static int usage(StandardStreams streams, ParameterException e) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    streams.err().println("weir: " + e.getMessage());
    streams.err().println("Try `" + command + " --help`.");
    return ExitCode.USAGE;
  }

  private static int failure(StandardStreams streams, Exception e) {
    streams.out().flush();
    if (e instanceof ConfigException) {
      streams.err().println("weir: " + e.getMessage());
      return ExitCode.USAGE;
    }
    if (e instanceof CommandFailure) {
      streams.err().println("weir: " + e.getMessage());
    } else if (e instanceof IOException || e instanceof UncheckedIOException) {
      streams.err().println("weir: " + words(e instanceof IOException ? e : e.getCause()));
    } else {
      streams.err().println("weir: this is a defect of weir; please report it:");
      e.printStackTrace(streams.err());
    }
    return ExitCode.SOFTWARE;
  }

  /** Our own exceptions are sentences; those of the JDK often need their name to be understood. */
  static String words(Throwable e) {
    return e.getClass().getName().startsWith("dev.weir.") ? e.getMessage() : e.toString();
  }

  /** The version of the server in it. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"weir " + WeirServer.version()};
    }
  }
}
