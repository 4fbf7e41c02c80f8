/** The demo site's own script; the widgets come with theirs. */
import "./demo.css";
