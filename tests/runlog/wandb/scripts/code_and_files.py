import subprocess
from pathlib import Path
import wandb

Path("src").mkdir()
Path("src/train.py").write_text("import wandb\nwandb.login(key='" + "a1" * 20 + "')\n")
Path("src/notes.md").write_text("notes")
Path(".env").write_text("WANDB_API_KEY=" + "b2" * 20)
Path("untracked.py").write_text("x = 1")
for command in (["git", "init", "-q"], ["git", "add", "src", ".env"]):
    subprocess.run(command, check=True)
with wandb.init(project="code", save_code=True) as run:
    run.log_code(".")
    run.log_code("src", include_fn=lambda path: path.endswith(".md"))
    run.log_code("src", include_fn=lambda path, root: path.endswith(".py"), exclude_fn=lambda path: "train" in path)
    Path(run.dir, "result.txt").write_text("1")
    Path("out.log").write_text("first")
    run.save("out.log", policy="live")
    run.save("src/*.md", base_path="src", policy="now")
    Path("out.log").write_text("last")
