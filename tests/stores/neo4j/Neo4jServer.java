import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;

/** A Neo4j server for the tests: runs in the given home until it is told to end or loses its parent. */
public class Neo4jServer {
  public static void main(String[] arguments) throws IOException {
    var home = Path.of(arguments[0]);
    var server =
        new DatabaseManagementServiceBuilder(home)
            .loadPropertiesFromFile(home.resolve("conf/neo4j.conf"))
            .build();
    // The parent holds the other end: it closes when the parent ends, however that happens.
    while (System.in.read() >= 0) {}
    server.shutdown();
    try (var files = Files.walk(home)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(file -> file.delete());
    }
    Runtime.getRuntime().halt(0);
  }
}
