package interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * One connection to the test that started this process. Lines of JSON go out: what happened ({@code event}) and
 * answers to commands ({@code answer}), one for each command, in order. Commands come in, one a line. When the
 * connection ends, so does the process.
 */
@Component
class Wire {

	private final ObjectMapper mapper = JsonMapper.builder().build();

	private final Socket socket;

	private final PrintWriter out;

	Wire(@Value("${test.port}") int port) throws IOException {
		this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
		this.out = new PrintWriter(this.socket.getOutputStream(), false, StandardCharsets.UTF_8);
	}

	/** Tells that something happened; names and values by turns. */
	void tell(String event, Object... namesAndValues) {
		Map<String, Object> line = new LinkedHashMap<>();
		line.put("event", event);
		for (int i = 0; i < namesAndValues.length; i += 2) {
			line.put((String) namesAndValues[i], namesAndValues[i + 1]);
		}
		write(line);
	}

	@EventListener
	void ready(ApplicationReadyEvent event) {
		Commands commands = event.getApplicationContext().getBean(Commands.class);
		tell("ready");
		new Thread(() -> serve(commands), "commands").start();
	}

	private void serve(Commands commands) {
		try (BufferedReader in = new BufferedReader(new InputStreamReader(this.socket.getInputStream()))) {
			for (String line = in.readLine(); line != null; line = in.readLine()) {
				write(answer(commands, line.split(" ")));
			}
		}
		catch (IOException gone) {
			// As good as the end of the stream.
		}
		Runtime.getRuntime().halt(0);
	}

	private Map<String, Object> answer(Commands commands, String[] words) {
		try {
			return Map.of("answer", commands.run(words[0], words[1]));
		}
		catch (RuntimeException failure) {
			return Map.of("failure", failure.toString());
		}
	}

	private synchronized void write(Map<String, Object> line) {
		this.out.println(this.mapper.writeValueAsString(line));
		this.out.flush();
	}

}
