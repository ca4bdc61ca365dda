import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.neo4j.dbms.api.DatabaseManagementService;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;

/** A Neo4j server for the tests: runs in the given home until it is told to end or loses its parent. */
public class Neo4jServer {
  public static void main(String[] arguments) throws IOException {
    var home = Path.of(arguments[0]);
    var server =
        new DatabaseManagementServiceBuilder(home)
            .loadPropertiesFromFile(home.resolve("conf/neo4j.conf"))
            .build();
    // Not after SIGKILL, by which the tests crash it to start it again on the same home.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server, home)));
    // The parent holds the other end: it closes when the parent ends, however that happens.
    while (System.in.read() >= 0) {}
    System.exit(0);
  }

  private static void end(DatabaseManagementService server, Path home) {
    server.shutdown();
    try (var files = Files.walk(home)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    } catch (IOException error) {
      System.err.println("cannot remove " + home + ": " + error);
    }
  }
}
