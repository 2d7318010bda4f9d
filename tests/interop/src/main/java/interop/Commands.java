package interop;

import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

import org.apache.kafka.common.TopicPartition;
import org.springframework.kafka.config.KafkaListenerEndpointRegistry;
import org.springframework.kafka.listener.MessageListenerContainer;
import org.springframework.stereotype.Component;

/** Starts and stops containers, one for each topic that is read: no container starts by itself. */
@Component
class Commands {

	private final KafkaListenerEndpointRegistry registry;

	Commands(KafkaListenerEndpointRegistry registry) {
		this.registry = registry;
	}

	Object run(String command, String topic) {
		return switch (command) {
			case "start" -> {
				reading(topic).start();
				yield "started";
			}
			case "stop" -> {
				reading(topic).stop();
				yield "stopped";
			}
			case "assigned" -> partitions(reading(topic), topic);
			case "attributes" -> Attributes.of(topic);
			default -> throw new IllegalArgumentException(command);
		};
	}

	private MessageListenerContainer reading(String topic) {
		Stream<MessageListenerContainer> all = this.registry.getListenerContainers().stream();
		return all.filter(container -> reads(container, topic)).findAny().orElseThrow();
	}

	private static boolean reads(MessageListenerContainer container, String topic) {
		String[] topics = container.getContainerProperties().getTopics();
		return topics != null && List.of(topics).contains(topic);
	}

	private static List<Integer> partitions(MessageListenerContainer container, String topic) {
		Collection<TopicPartition> assigned = container.getAssignedPartitions();
		if (assigned == null) {
			return List.of();
		}
		return assigned.stream().filter(it -> it.topic().equals(topic)).map(TopicPartition::partition).sorted().toList();
	}

}
