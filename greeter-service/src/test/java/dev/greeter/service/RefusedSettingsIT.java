package dev.greeter.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/**
 * What each documented variable is told when its value cannot be used: which one it is and what to
 * set, in two lines, and not the value, since a secret may stand in any wrong place.
 */
@ExtendWith(OutputCaptureExtension.class)
class RefusedSettingsIT {

  private static final String MARKER = "marker-of-the-secret";
  private static final List<String> VALUES =
      List.of("", " ", "-1", "99999999999999999999", MARKER, "${" + MARKER + "}");

  /** In docs/settings.md, one that the service has: its name or names, and its default. */
  private static final Pattern VARIABLE =
      Pattern.compile("\\| `([A-Z_]+)`(?:, `(_[A-Z_]+)`)? \\| (?:service|both) \\| (.*?) ?\\| .*");

  /** In SECURITY.md. */
  private static final Pattern LIMIT = Pattern.compile("\\| `([a-z.-]+)` \\| (\\w+) \\|.*");

  /** Defaults of which no kind of setting is one that can be negative, huge, or any text. */
  private static final Pattern STRICT = Pattern.compile("`?(\\d[\\w.]*|true|false|direct|none)`?");

  private record Start(String variable, String standard, String value) {

    @Override
    public String toString() {
      return variable + "=" + value;
    }
  }

  @ParameterizedTest
  @MethodSource
  void areToldInTwoLinesWithoutTheirValue(Start start, CapturedOutput output) {
    boolean started = starts(Map.of(start.variable(), start.value()));

    assertThat(output).doesNotContain(MARKER);
    if (!started) {
      assertReport(output, start.variable(), start.value());
    } else if (!start.variable().startsWith("GREETER_AUTH_")) {
      assertThat(STRICT.matcher(start.standard()).matches()).as(start + " is accepted").isFalse();
    }
  }

  static Stream<Start> areToldInTwoLinesWithoutTheirValue() throws IOException {
    return documented()
        .flatMap(
            variable -> VALUES.stream().map(value -> new Start(variable[0], variable[1], value)));
  }

  private static Stream<String[]> documented() throws IOException {
    List<String[]> found = new ArrayList<>();
    found.add(new String[] {"GRPC_SERVER_SHUTDOWN_GRACE_PERIOD", "3s"});
    for (String line : Files.readAllLines(Path.of("../docs/settings.md"))) {
      var row = VARIABLE.matcher(line);
      if (row.matches()) {
        found.add(new String[] {row.group(1), row.group(3)});
        if (row.group(2) != null) {
          String words = row.group(2).replaceAll("[A-Z]+", "[A-Z]+");
          found.add(
              new String[] {row.group(1).replaceFirst(words + "$", row.group(2)), row.group(3)});
        }
      }
    }
    for (String line : Files.readAllLines(Path.of("../SECURITY.md"))) {
      var row = LIMIT.matcher(line);
      if (row.matches()) {
        found.add(new String[] {variable(row.group(1)), row.group(2)});
      }
    }
    return found.stream();
  }

  private static String variable(String property) {
    return property.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
  }

  private static boolean starts(Map<String, String> variables) {
    var all = new HashMap<>(variables);
    all.keySet().stream()
        .filter(name -> name.matches("GRPC_SERVER_SECURITY_.*(?<!ENABLED)"))
        .findAny()
        .ifPresent(name -> all.put("GRPC_SERVER_SECURITY_ENABLED", "true"));
    try {
      new RunningService(all).close();
      return true;
    } catch (RuntimeException e) {
      return false;
    }
  }

  private static void assertReport(CapturedOutput output, String variable, String value) {
    List<String> lines = output.toString().lines().filter(line -> !line.isBlank()).toList();
    int title = lines.indexOf("APPLICATION FAILED TO START");
    assertThat(title).as("%s", output).isPositive();
    List<String> report = lines.subList(title + 2, lines.size());
    assertThat(report).as("%s", output).hasSize(4);
    assertThat(report.get(0)).isEqualTo("Description:");
    // The files of TLS count together: another one may be missing.
    String name = variable.replaceFirst("(GRPC_SERVER_SECURITY)_.*", "$1_[A-Z_]+");
    assertThat(report.get(1)).matches("[a-z.-]+ \\(environment variable " + name + "\\) .*\\.");
    assertThat(report.get(2)).isEqualTo("Action:");
    assertThat(report.get(3)).matches("Set " + name + " to .*\\.");
    for (String line : List.of(report.get(1), report.get(3))) {
      assertThat(line).doesNotContainPattern("\\w\\.\\p{Upper}");
      if (!value.isBlank()) {
        assertThat(line).doesNotContain(value);
      }
    }
    assertThat(output).doesNotContain("\tat ", "Exception");
  }
}
